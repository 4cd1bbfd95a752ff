import SyncCore

/// Why a store could not do what was asked.
public enum StoreError: Error, Hashable, Sendable {
    case outOfOrder(expected: Seq, found: Seq)
    case duplicateIntent(author: String, intent: String)
    /// What was asked for lies below the floor: it was forgotten.
    case compacted(floor: Seq)
    /// A row is there and cannot be read: whoever asked for it gets nothing, everybody else goes on.
    case unreadable(String)
    /// There is no room on the disk. Nothing was written; the store goes on when there is room again.
    case full
    /// Another process has the store.
    case inUse
    /// The store is not there, or not one of ours.
    case unusable(String)
    /// The disk failed: whether the last write is durable is unknown, so nothing more may be acknowledged.
    case failed(String)
}
