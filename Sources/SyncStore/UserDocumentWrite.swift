import SyncCore

/// A user document to be kept in place of the one it was made from.
public struct UserDocumentWrite: Hashable, Sendable {
    public let device: DeviceID
    public let document: UserDocument
    /// The version of the row that it was made from, which must still be there; 0 where there was none.
    public let replacing: UInt64

    public init(_ document: UserDocument, of device: DeviceID, replacing version: UInt64) {
        self.device = device
        self.document = document
        replacing = version
    }
}
