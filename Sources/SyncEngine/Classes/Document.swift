import SyncCore

/// An effective policy as it is sent: canonical bytes and their digest, made once and shared by everybody.
public final class Document: Sendable {
    public let digest: Digest
    public let bytes: [UInt8]
    /// The same, compressed; nil where that is not worth it.
    public let packed: PackedBytes?
    /// What the policy leaves to its devices' users.
    public let bounds: UserBounds

    init(_ resolution: Resolution, _ catalog: Catalog, pack: PackedBytes.Packer) {
        bytes = CanonicalWriter.bytes(of: resolution.document)
        packed = pack(bytes)
        digest = Digest(hashing: bytes)
        bounds = UserBounds(resolution, catalog)
    }
}
