import SyncCore

/// Writes an image's bytes: numbers in as few bytes as they need, digests as words, texts with their length.
struct ImageWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func write(_ number: Int) { write(UInt64(number)) }

    /// A number that may be below 0.
    mutating func write(signed number: Int64) { write(UInt64(bitPattern: number)) }

    mutating func write(_ digest: Digest) {
        let (first, second, third, fourth) = digest.words
        for word in [first, second, third, fourth] {
            withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
        }
    }

    mutating func write(_ text: String) {
        write(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func write(_ piece: [UInt8]) {
        write(piece.count)
        bytes.append(contentsOf: piece)
    }
}

/// Values that many records share, each written once and named by its number.
struct SharedValues<Value: Hashable> {
    private(set) var values: [Value] = []
    private var numbers: [Value: Int] = [:]

    mutating func number(of value: Value) -> Int {
        if let number = numbers[value] { return number }
        numbers[value] = values.count
        values.append(value)
        return values.count - 1
    }
}
