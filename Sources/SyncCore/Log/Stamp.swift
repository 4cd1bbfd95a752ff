/// What an entry of the log says beside the change itself: when, by whom, and what its author had seen.
public struct Stamp: Hashable, Sendable {
    public let seq: Seq
    public let author: String
    /// Milliseconds since 1970, by the server's clock.
    public let received: Int64
    /// The log position that the author had seen.
    public let base: Seq
    public let outcome: Entry.Outcome

    public init(seq: Seq, author: String, received: Int64, base: Seq = 0, outcome: Entry.Outcome = .applied) {
        self.seq = seq
        self.author = author
        self.received = received
        self.base = base
        self.outcome = outcome
    }
}

extension Entry {
    public func stamp(_ header: Transaction.Header) -> Stamp {
        Stamp(seq: seq, author: header.author, received: header.received, base: base, outcome: outcome)
    }
}
