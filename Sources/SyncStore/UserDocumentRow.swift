import SyncCore

/// A user document as a store has it.
public struct UserDocumentRow: Hashable, Sendable {
    /// Rises by one with every write, from 1.
    public let version: UInt64
    /// Nil where the row is there and cannot be read.
    public let document: UserDocument?

    public init(version: UInt64, document: UserDocument?) {
        self.version = version
        self.document = document
    }
}
