import SyncCore

/// What became of an accepted change.
public struct Receipt: Sendable {
    public let transaction: Transaction
    /// The log had it already: nothing was done now.
    public let isReplay: Bool
    public let notes: [String]

    public var changedAnything: Bool { !transaction.entries.isEmpty }
}
