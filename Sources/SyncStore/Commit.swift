import SyncCore

/// What is written together: all of it or nothing.
///
/// A value that was worked out before, from what was read before. The store compares what it was worked out from with what
/// is there now, and writes; it decides nothing.
public struct Commit: Sendable {
    /// The head that the transactions come right after; compared only where there are some.
    public var head: Head
    /// Gapless: the first begins right after the head, each next one right after the one before.
    public var transactions: [Transaction] = []
    public var userDocuments: [UserDocumentWrite] = []
    /// In the order in which they came. Of a device's reports the newest counts, whichever order they come in.
    public var reports: [StoredReport] = []
    public var seen: [Seen] = []

    public init(after head: Head) { self.head = head }

    /// About how many rows it writes.
    public var rows: Int {
        transactions.reduce(0) { $0 + $1.entries.count + 1 } + userDocuments.count + reports.count + seen.count
    }

    /// What became of it.
    public enum Outcome: Hashable, Sendable {
        /// It is durable.
        case written
        /// Nothing was written: others wrote since, to the log or to these user documents.
        case moved(head: Head, userDocuments: Set<DeviceID>)
    }

    /// - Throws: `outOfOrder` where the transactions do not come right after the head and each other: a fault of whoever
    ///   made the commit.
    public func checkOrder() throws(StoreError) {
        var next = head.seq + 1
        for transaction in transactions {
            guard transaction.firstSeq == next else {
                throw .outOfOrder(expected: next, found: transaction.firstSeq)
            }
            next = transaction.lastSeq + 1
        }
    }

    /// The head after it.
    public var nextHead: Head { Head(epoch: head.epoch, seq: transactions.last?.lastSeq ?? head.seq) }
}
