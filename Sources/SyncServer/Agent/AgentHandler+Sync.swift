import NIOCore
import NIOHTTP1
import SyncCore
import SyncEngine
import SyncProtocol

extension AgentHandler {
    /// `GET /v1/sync`: not modified, or the document; with `Prefer: wait`, parks while there is nothing new.
    func checkIn(_ headers: RequestHeaders, waits: Bool) {
        let service = agents.service
        let snapshot = service.engine.snapshot
        if let last = lastIdle, last.seq == snapshot.world.seq, last.headers == headers { return repeatAnswer(last) }
        guard let hash = Bearer.hash(of: headers.authorization), let device = known.device(hash, in: snapshot)
        else { return answer(.problem(stranger(headers))) }
        var have: Have?
        if let text = headers.have {
            guard let read = Have(text) else {
                return answer(
                    .problem(Problem(Malformed(field: "Consigne-Have", text: text, expected: "epoch.version.digest"))))
            }
            have = read
        }
        service.saw(device, have)
        let poll = Poll(
            credentialHash: hash, device: device.id, tag: headers.tag.flatMap(RequestHeaders.cursor),
            have: have, forms: headers.forms,
            deadline: waits ? deadline(headers.prefer) : nil,
            headers: headers.prefer == nil ? headers : nil)
        consider(poll, device, in: snapshot)
    }

    /// The same question on the same World has the same answer: an idle device that polls again costs no lookup.
    private func repeatAnswer(_ last: IdleCheckIn) {
        let now = NIODeadline.now()
        if now - last.noted > .seconds(1) {
            last.noted = now
            agents.service.saw(last.device, last.have)
        }
        answer(last.answer)
    }

    /// Answers that nothing is new, and remembers it where no wait was asked for.
    private func answerIdle(_ poll: Poll, _ device: Device, _ snapshot: Snapshot) {
        let idle = agents.shared.notModified(poll.tag, at: snapshot.world.seq)
        if let headers = poll.headers {
            lastIdle = IdleCheckIn(headers, at: snapshot.world.seq, device, poll.have, idle)
        }
        answer(idle)
    }

    /// Answers a poll from a World, or parks it.
    private func consider(_ poll: Poll, _ device: Device, in snapshot: Snapshot) {
        let service = agents.service
        switch service.engine.standing(of: device, in: snapshot) {
        case .unresolved(let version):
            let again = onLoop { $0.decide(poll) }
            service.engine.whenResolved(version, in: snapshot) { _ in again() }
        case .document(let document):
            let current = service.current(snapshot, device, document)
            switch SyncDecision.decide(tag: poll.tag, have: poll.have, current: current) {
            case .unchanged:
                guard let deadline = poll.deadline, deadline > .now(), !agents.isDraining else {
                    return answerIdle(poll, device, snapshot)
                }
                guard agents.findRoomToPark(device.id) else {
                    // It polls as others do, at the pace of quiet times.
                    let seconds = agents.settings.checkInSeconds
                    return answer(.notModified(current.seq, tag: poll.tag, retryAfter: seconds))
                }
                parkAndLookAgain(poll, device, snapshot, deadline)
            case .ahead:
                if let have = poll.have { service.warnAhead(device, have, snapshot, from: client) }
                answer(
                    .notModified(current.seq, tag: poll.tag, retryAfter: ServerLimits.aheadSeconds, isAhead: true))
            case .full where poll.have?.digest != document.digest && service.failed(device) == document.digest:
                // It could not apply this one and said so: the same document is not offered again, tag or no tag.
                let tag = Cursor(
                    epoch: current.epoch, held: poll.have?.digest, offered: document.digest, user: poll.tag?.user ?? 0)
                answer(.notModified(current.seq, tag: tag))
            case .userOnly: answerWithUser(.same, poll, device, document, current)
            case .full where poll.tag?.user ?? 0 != current.user:
                answerWithUser(.full, poll, device, document, current)
            case .full: answerChanged(poll, document, current, UserPart(revision: current.user), in: snapshot)
            // The device states its user document next; until then it has none of this log.
            case .reset: answer(.reset, poll.forms, document, current, .none)
            }
        }
    }

    /// Answers with what changed, where the device takes that and it is worth it, or with the whole document.
    private func answerChanged(
        _ poll: Poll, _ document: Document, _ current: SyncDecision.Current, _ user: UserPart, in snapshot: Snapshot
    ) {
        let held = poll.have?.epoch == current.epoch ? poll.have?.digest : nil
        offer(document, held, poll.forms, current, user, in: snapshot) { $0.decide(poll) }
    }

    /// Fetches the user document, which only who set something has, and answers with it.
    private func answerWithUser(
        _ kind: SharedAnswers.Question.Kind, _ poll: Poll, _ device: Device, _ document: Document,
        _ current: SyncDecision.Current
    ) {
        guard isInPace(device, bytes: 0), enter() else { return }
        let bound = NIOLoopBound(self, eventLoop: agents.loop)
        let inbox = agents.inbox
        let catalog = agents.service.engine.snapshot.world.catalog
        agents.service.engine.take(nil, UserExchange(bounds: document.bounds), of: device) { outcome in
            inbox.put {
                switch outcome {
                case .success(let receipt):
                    // One that has not stated its own yet, after a reset, is told of none.
                    let user = receipt.document.map { UserPart($0, catalog) } ?? UserPart(revision: current.user)
                    bound.value.answer(kind, poll, document, current, user)
                case .failure(let refusal): bound.value.answer(.problem(Problem(refusal)))
                }
            }
        }
    }

    private func answer(
        _ kind: SharedAnswers.Question.Kind, _ poll: Poll, _ document: Document, _ current: SyncDecision.Current,
        _ user: UserPart
    ) {
        answer(kind, poll.forms, document, holding: poll.have?.digest, current, user)
    }

    /// Registers first and compares with the current World then, so that no publication is slept through.
    private func parkAndLookAgain(_ poll: Poll, _ device: Device, _ seen: Snapshot, _ deadline: NIODeadline) {
        park(poll, in: seen.world.unitID(of: device.unit) ?? .root, until: deadline)
        if agents.service.engine.snapshot !== seen { reconsider() }
    }

    /// Compares a parked poll with the current World.
    func reconsider() {
        guard let poll = unpark() else { return }
        decide(poll)
    }

    private func decide(_ poll: Poll) {
        let snapshot = agents.service.engine.snapshot
        guard let device = known.device(poll.credentialHash, in: snapshot) else {
            return answer(.problem(.unauthenticated))
        }
        consider(poll, device, in: snapshot)
    }

    /// Ends a parked poll with what is true now.
    func release() {
        guard var poll = unpark() else { return }
        poll.deadline = nil
        decide(poll)
    }

    /// When a wait that is asked for ends.
    private func deadline(_ prefer: String?) -> NIODeadline? {
        RequestHeaders.wait(prefer).map { .now() + .seconds(Int64(min($0, agents.settings.longestWait))) }
    }
}
