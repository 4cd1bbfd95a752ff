import Crypto

/// A SHA-256 value: of a document's canonical bytes, of a log leaf, of a secret.
///
/// Four words instead of an array, so that a table of 126,000 devices holds digests without an allocation each.
public struct Digest: Hashable, Sendable {
    public static let byteCount = 32

    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// The digest of some bytes.
    public init(hashing bytes: [UInt8]) {
        self.init(exactly: Array(SHA256.hash(data: bytes)))
    }

    /// The digest whose text is these 64 lower-case hexadecimal digits; nil for anything else.
    public init?(_ text: some StringProtocol) {
        guard let bytes = Hex.bytes(of: text) else { return nil }
        self.init(bytes: bytes)
    }

    /// The digest with these 32 bytes; nil for any other count.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(exactly: bytes)
    }

    private init(exactly bytes: [UInt8]) {
        precondition(bytes.count == Self.byteCount, "a SHA-256 value has 32 bytes")
        func word(_ index: Int) -> UInt64 {
            bytes[index * 8..<index * 8 + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
        words = (word(0), word(1), word(2), word(3))
    }

    public var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
        }
    }

    public static func == (left: Digest, right: Digest) -> Bool { left.words == right.words }

    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

extension Digest: CustomStringConvertible {
    public var description: String { Hex.text(of: bytes) }

    /// The first 12 digits: enough to tell digests apart on a screen.
    public var short: String { String(description.prefix(12)) }
}
