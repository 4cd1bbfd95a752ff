import SyncCore
import SyncProtocol

/// The one way to authenticate: `Authorization: Bearer TOKEN` (RFC 6750).
enum Bearer {
    private static let scheme: StaticString = "bearer "

    /// The digest of the token, which is all that is kept of it; nil for a header that has none.
    static func hash(of header: String?) -> Digest? {
        guard var header else { return nil }
        return header.withUTF8 { bytes in
            let token = bytes.dropFirst(scheme.utf8CodeUnitCount)
            guard WireLimits.secretBytes.contains(token.count), scheme.isPrefix(of: bytes) else { return nil }
            return Digest(hashing: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: token)))
        }
    }
}
