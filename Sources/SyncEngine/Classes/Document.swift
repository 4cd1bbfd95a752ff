import SyncCore

/// An effective policy as it is sent: canonical bytes and their digest, made once and shared by everybody.
public final class Document: Sendable {
    public let digest: Digest
    public let bytes: [UInt8]
    /// What the policy leaves to its devices' users.
    public let bounds: UserBounds

    init(_ resolution: Resolution, _ catalog: Catalog) {
        bytes = CanonicalWriter.bytes(of: resolution.document)
        digest = Digest(hashing: bytes)
        bounds = UserBounds(resolution, catalog)
    }
}
