import Crypto

/// A SHA-256 value: of a document's canonical bytes, of a log leaf, of a secret.
///
/// Four words instead of an array, so that a table of 126,000 devices holds digests without an allocation each.
public struct Digest: Hashable, Sendable {
    public static let byteCount = 32

    /// Its bytes, eight a word, the first one highest.
    public let words: (UInt64, UInt64, UInt64, UInt64)

    public init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// The digest of some bytes.
    public init(hashing bytes: [UInt8]) {
        self = SHA256.hash(data: bytes).withUnsafeBytes { Digest(exactly: $0) }
    }

    /// The digest of bytes that lie in memory.
    public init(hashing bytes: UnsafeRawBufferPointer) {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        self = hash.finalize().withUnsafeBytes { Digest(exactly: $0) }
    }

    /// The digest of some pieces of bytes, one after the other.
    public init(hashing pieces: some Sequence<[UInt8]>) {
        var hash = SHA256()
        for piece in pieces { hash.update(data: piece) }
        self = hash.finalize().withUnsafeBytes { Digest(exactly: $0) }
    }

    /// The digest whose text is these 64 lower-case hexadecimal digits; nil for anything else.
    public init?(_ text: String) {
        var text = text
        guard let digest = text.withUTF8({ Digest(utf8: $0) }) else { return nil }
        self = digest
    }

    /// The same from its bytes.
    public init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == 2 * Self.byteCount else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for (index, character) in bytes.enumerated() {
            guard let nibble = Hex.nibble(character) else { return nil }
            switch index / 16 {
            case 0: words.0 = words.0 << 4 | UInt64(nibble)
            case 1: words.1 = words.1 << 4 | UInt64(nibble)
            case 2: words.2 = words.2 << 4 | UInt64(nibble)
            default: words.3 = words.3 << 4 | UInt64(nibble)
            }
        }
        self.words = words
    }

    /// The digest with these 32 bytes; nil for any other count.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(exactly: bytes)
    }

    private init(exactly bytes: some Collection<UInt8>) {
        precondition(bytes.count == Self.byteCount, "a SHA-256 value has 32 bytes")
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for (index, byte) in bytes.enumerated() {
            switch index / 8 {
            case 0: words.0 = words.0 << 8 | UInt64(byte)
            case 1: words.1 = words.1 << 8 | UInt64(byte)
            case 2: words.2 = words.2 << 8 | UInt64(byte)
            default: words.3 = words.3 << 8 | UInt64(byte)
            }
        }
        self.words = words
    }

    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// Its bytes where they lie, for as long as the body runs.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        Swift.withUnsafeBytes(
            of: (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian), body)
    }

    public static func == (left: Digest, right: Digest) -> Bool { left.words == right.words }

    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

extension Digest: CustomStringConvertible {
    public var description: String { text(digits: 2 * Self.byteCount) }

    /// The first 12 digits: enough to tell digests apart on a screen.
    public var short: String { text(digits: 12) }

    /// The first so many hexadecimal digits.
    public func text(digits: Int) -> String {
        String(unsafeUninitializedCapacity: digits) { utf8 in
            for index in 0..<digits {
                let word = word(index / 16)
                let nibble = UInt8(truncatingIfNeeded: word >> UInt64(60 - index % 16 * 4)) & 0xF
                utf8.initializeElement(at: index, to: Hex.digit(nibble))
            }
            return digits
        }
    }

    private func word(_ index: Int) -> UInt64 {
        switch index {
        case 0: words.0
        case 1: words.1
        case 2: words.2
        default: words.3
        }
    }
}
