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

    /// The answer to a question that somebody asked before.
    func known(_ question: Question, at seq: Seq) -> AgentAnswer? { self.seq == seq ? answers[question] : nil }

    mutating func answer(_ question: Question, at seq: Seq, make: () -> AgentAnswer) -> AgentAnswer {
        if self.seq != seq {
            self.seq = seq
            answers.removeAll(keepingCapacity: true)
        }
        if let known = answers[question] { return known }
        if answers.count >= ServerLimits.sharedAnswers { answers.removeAll(keepingCapacity: true) }
        let made = make()
        answers[question] = made
        return made
    }
}
