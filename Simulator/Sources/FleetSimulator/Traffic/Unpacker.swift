/// Unpacks bodies, each once: handsets of one class get the same bytes.
struct Unpacker {
    /// Bodies kept: a push makes one or two a class.
    private static let limit = 512

    private struct Packed: Hashable {
        let bytes: [UInt8]

        /// The last bytes are a checksum of all.
        func hash(into hasher: inout Hasher) {
            for byte in bytes.suffix(8) { hasher.combine(byte) }
        }
    }

    private var known: [Packed: [UInt8]] = [:]

    mutating func unpack(_ body: [UInt8], limit: Int) throws(ResponseReader.Failure) -> [UInt8] {
        let packed = Packed(bytes: body)
        if let bytes = known[packed] { return bytes }
        let bytes: [UInt8]
        do throws(GzipReader.Failure) {
            bytes = try GzipReader.read(body, limit: limit)
        } catch {
            throw .notHTTP
        }
        if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
        known[packed] = bytes
        return bytes
    }
}
