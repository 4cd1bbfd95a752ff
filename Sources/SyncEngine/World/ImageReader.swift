import SyncCore

/// Bytes that are no image of this form, although their hash says that they are as they were written.
struct DamagedImage: Error, Hashable {
    let offset: Int
}

/// Reads what `ImageWriter` wrote; never beyond the end, whatever stands there.
struct ImageReader {
    private let bytes: [UInt8]
    private var position: Int

    init(_ bytes: [UInt8], from offset: Int = 0) {
        self.bytes = bytes
        position = offset
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func number() throws(DamagedImage) -> UInt64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
        throw damage
    }

    mutating func signed() throws(DamagedImage) -> Int64 { Int64(bitPattern: try number()) }

    /// A number of things of which each takes a byte at least.
    mutating func count() throws(DamagedImage) -> Int {
        guard let count = Int(exactly: try number()), count <= bytes.count - position else { throw damage }
        return count
    }

    mutating func digest() throws(DamagedImage) -> Digest {
        guard bytes.count - position >= Digest.byteCount else { throw damage }
        defer { position += Digest.byteCount }
        return bytes.withUnsafeBytes { [position] buffer in
            func word(_ index: Int) -> UInt64 {
                UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: position + 8 * index, as: UInt64.self))
            }
            return Digest(words: (word(0), word(1), word(2), word(3)))
        }
    }

    mutating func text() throws(DamagedImage) -> String {
        let count = try count()
        defer { position += count }
        guard let text = String(validating: bytes[position..<position + count], as: UTF8.self) else { throw damage }
        return text
    }

    mutating func piece() throws(DamagedImage) -> [UInt8] {
        let count = try count()
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    /// Values that records name by their number.
    mutating func shared<T>(_ read: (inout ImageReader) throws(DamagedImage) -> T?) throws(DamagedImage) -> [T] {
        var values: [T] = []
        for _ in 0..<(try count()) {
            guard let value = try read(&self) else { throw damage }
            values.append(value)
        }
        return values
    }

    /// One of the shared values.
    mutating func one<T>(of values: [T]) throws(DamagedImage) -> T {
        let number = try number()
        guard number < values.count else { throw damage }
        return values[Int(number)]
    }

    var damage: DamagedImage { DamagedImage(offset: position) }
}
