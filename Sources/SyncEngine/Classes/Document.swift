import SyncCore

/// An effective policy as it is sent: canonical bytes and their digest, made once and shared by everybody.
public final class Document: Sendable {
    public let digest: Digest
    public let bytes: [UInt8]

    init(_ document: JSONValue) {
        bytes = CanonicalWriter.bytes(of: document)
        digest = Digest(hashing: bytes)
    }
}
