/// The first 96 bits of a digest: enough to say that nothing is new, where the whole digest travels beside it.
public struct DigestPrefix: Hashable, Sendable {
    /// Hexadecimal digits of its text.
    public static let digits = 24

    private let high: UInt64
    private let low: UInt32

    public init(_ digest: Digest) {
        high = digest.words.0
        low = UInt32(truncatingIfNeeded: digest.words.1 >> 32)
    }

    /// The prefix whose text is these 24 lower-case hexadecimal digits; nil for anything else.
    init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == Self.digits else { return nil }
        var high: UInt64 = 0
        var low: UInt32 = 0
        for (index, character) in bytes.enumerated() {
            guard let nibble = Hex.nibble(character) else { return nil }
            if index < 16 { high = high << 4 | UInt64(nibble) } else { low = low << 4 | UInt32(nibble) }
        }
        self.high = high
        self.low = low
    }
}

extension DigestPrefix: CustomStringConvertible {
    public var description: String {
        String(unsafeUninitializedCapacity: Self.digits) { utf8 in
            for index in 0..<Self.digits {
                let nibble =
                    index < 16
                    ? UInt8(high >> (60 - 4 * UInt64(index)) & 0xF) : UInt8(low >> (92 - 4 * UInt32(index)) & 0xF)
                utf8.initializeElement(at: index, to: Hex.digit(nibble))
            }
            return Self.digits
        }
    }
}
