import NIOCore
import SyncCore
import SyncEngine
import SyncProtocol

/// The answers with a body that both sync routes give.
extension AgentHandler {
    /// Answers with what changed, where the device takes that and it is worth it, or with the whole document.
    ///
    /// - Parameters:
    ///   - held: the document that the device holds of this epoch.
    ///   - again: decides anew when the delta is made.
    func offer(
        _ document: Document, _ held: Digest?, _ forms: RequestHeaders.Forms, _ current: SyncDecision.Current,
        _ user: UserPart, in snapshot: Snapshot, again: @escaping @Sendable (AgentHandler) -> Void
    ) {
        guard forms.isDelta, let held else { return answer(.full, forms, document, current, user) }
        // After a push most of a loop's devices come this way: who else held it has asked already.
        let question = SharedAnswers.Question.delta(from: held, to: document.digest, user: user.revision)
        if user.isShared, let known = agents.shared.known(question, at: current.seq) { return answer(known) }
        let engine = agents.service.engine
        switch engine.delta(from: held, to: document) {
        case .made(let delta): answer(delta, current, user)
        case .none: answer(.full, forms, document, current, user)
        case .unmade:
            let again = onLoop(again)
            engine.whenMade(from: held, to: document, in: snapshot) { again() }
        }
    }

    /// - Parameter held: what the device holds after it; the document itself where it is sent.
    func answer(
        _ kind: SharedAnswers.Question.Kind, _ forms: RequestHeaders.Forms, _ document: Document,
        holding held: Digest? = nil, _ current: SyncDecision.Current, _ user: UserPart
    ) {
        let isSent = kind == .full || kind == .reset
        let held = isSent ? document.digest : held
        let question = SharedAnswers.Question(
            kind: kind, held: held, offered: document.digest, user: user.revision, isPacked: forms.isPacked)
        answer(question, current, user, part: isSent ? .document(document) : nil)
    }

    private func answer(_ delta: DeltaDocument, _ current: SyncDecision.Current, _ user: UserPart) {
        // Two who hold different documents get different deltas, and hold the same after it.
        let question = SharedAnswers.Question.delta(from: delta.from, to: delta.to, user: user.revision)
        answer(question, current, user, part: .delta(delta))
    }

    private func answer(
        _ question: SharedAnswers.Question, _ current: SyncDecision.Current, _ user: UserPart, part: SyncBody.Part?
    ) {
        let held = question.kind == .delta ? question.offered : question.held
        let body = SyncBody(
            result: question.kind.rawValue, version: current.seq, epoch: current.epoch,
            tag: Cursor(epoch: current.epoch, held: held, offered: question.offered, user: user.revision),
            after: agents.settings.checkInSeconds, part: part, user: user)
        guard user.isShared else { return answer(body.answer(isPacked: question.isPacked)) }
        answer(agents.shared.answer(question, at: current.seq) { body.answer(isPacked: question.isPacked) })
    }
}
