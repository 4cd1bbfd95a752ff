import SyncCore

/// Some entries of a transaction that follow each other: what a page of the log has of it.
public struct TransactionPart: Hashable, Sendable {
    public let header: Transaction.Header
    /// Of the whole transaction.
    public let firstSeq: Seq
    public let lastSeq: Seq
    /// Never empty.
    public let entries: [Entry]

    public init(header: Transaction.Header, firstSeq: Seq, lastSeq: Seq, entries: [Entry]) {
        self.header = header
        self.firstSeq = firstSeq
        self.lastSeq = lastSeq
        self.entries = entries
    }

    public var isWhole: Bool { Seq(entries.count) == lastSeq - firstSeq + 1 }
}

/// How much of the log one page may have: the first bound that is reached ends it. It has one entry at least.
public struct PageBound: Hashable, Sendable {
    public let entries: Int
    /// Of values, as they are kept.
    public let bytes: Int

    public init(entries: Int, bytes: Int) {
        self.entries = entries
        self.bytes = bytes
    }
}
