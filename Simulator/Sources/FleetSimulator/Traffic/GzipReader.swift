import CZlib

/// Reads what a server packed (RFC 1952), as a handset's network stack does.
enum GzipReader {
    enum Failure: Error { case notGzip }

    /// - Parameter limit: bytes that may come out; more is refused before it takes memory.
    static func read(_ packed: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        // 16 more than the window's bits: with gzip's header and trailer.
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(&stream, MAX_WBITS + 16, ZLIB_VERSION, size) == Z_OK else { throw .notGzip }
        defer { inflateEnd(&stream) }
        var input = packed
        var output: [UInt8] = []
        var outcome = Z_OK
        input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            while outcome == Z_OK, output.count <= limit {
                let room = max(8_192, packed.count * 4)
                output += [UInt8](unsafeUninitializedCapacity: room) { piece, count in
                    stream.next_out = piece.baseAddress
                    stream.avail_out = UInt32(room)
                    outcome = inflate(&stream, Z_NO_FLUSH)
                    count = room - Int(stream.avail_out)
                }
            }
        }
        // One member and nothing behind it.
        guard outcome == Z_STREAM_END, stream.avail_in == 0, output.count <= limit else { throw .notGzip }
        return output
    }
}
