import SyncCore

/// Answers that many devices get alike, while the World stays what it is: each is made once a loop.
struct SharedAnswers {
    /// All that an answer without personal parts is made from, beside the World's position.
    struct Question: Hashable {
        enum Kind: String { case same, full, delta, reset }

        let kind: Kind
        let held: Digest?
        let offered: Digest
        let user: Seq
        let isPacked: Bool

        /// A delta is too small to be compressed.
        static func delta(from held: Digest, to offered: Digest, user: Seq) -> Question {
            Question(kind: .delta, held: held, offered: offered, user: user, isPacked: false)
        }
    }

    private var seq: Seq = 0
    private var answers: [Question: AgentAnswer] = [:]
    private var idle: [Cursor: AgentAnswer] = [:]

    var idleCount: Int { idle.count }

    /// The answer to a question that somebody asked before.
    func known(_ question: Question, at seq: Seq) -> AgentAnswer? { self.seq == seq ? answers[question] : nil }

    /// That nothing is new, for everybody who shows the same tag.
    mutating func notModified(_ tag: Cursor?, at seq: Seq) -> AgentAnswer {
        // One with the revision of a user document is one device's alone.
        guard let tag, tag.user == 0 else { return .notModified(seq, tag: tag) }
        keepOnly(seq)
        if let known = idle[tag] { return known }
        if idle.count >= ServerLimits.sharedAnswers { idle.removeAll(keepingCapacity: true) }
        let made = AgentAnswer.notModified(seq, tag: tag)
        idle[tag] = made
        return made
    }

    mutating func answer(_ question: Question, at seq: Seq, make: () -> AgentAnswer) -> AgentAnswer {
        keepOnly(seq)
        if let known = answers[question] { return known }
        if answers.count >= ServerLimits.sharedAnswers { answers.removeAll(keepingCapacity: true) }
        let made = make()
        answers[question] = made
        return made
    }

    /// Forgets what was made from another World.
    private mutating func keepOnly(_ seq: Seq) {
        guard self.seq != seq else { return }
        self.seq = seq
        answers.removeAll(keepingCapacity: true)
        idle.removeAll(keepingCapacity: true)
    }
}
