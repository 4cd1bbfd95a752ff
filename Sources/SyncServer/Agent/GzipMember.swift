import CZlib
import NIOCore
import SyncEngine

/// A gzip member (RFC 1952) around bytes that were compressed before, so that no answer compresses anything.
///
/// What differs from device to device, some 300 bytes, stands before and behind in stored blocks (RFC 1951, 3.2.4).
public enum GzipMember {
    private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
    /// Bytes of one stored block.
    private static let blockBytes = 65_535

    /// Deflate blocks that refer to nothing before them and end on the boundary of a byte, so that they can stand in the
    /// middle of any member; nil where less than a quarter is saved.
    public static func pack(_ bytes: [UInt8]) -> PackedBytes? {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        // Without zlib's own header, at its best: it is done once for a whole class.
        guard
            deflateInit2_(
                &stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, UInt(bytes.count))) + 16
        var input = bytes
        let packed = [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            input.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(bound)
                // A sync flush ends with an empty stored block: the next one begins on a byte's boundary.
                let outcome = deflate(&stream, Z_SYNC_FLUSH)
                count = outcome == Z_OK && stream.avail_in == 0 ? bound - Int(stream.avail_out) : 0
            }
        }
        guard !packed.isEmpty, packed.count * 4 < bytes.count * 3 else { return nil }
        return PackedBytes(bytes: packed, checksum: checksum(of: bytes), count: bytes.count)
    }

    /// The member that has all three parts, one after the other.
    static func around(_ packed: PackedBytes, before: [UInt8], behind: [UInt8]) -> ByteBuffer {
        var member = ByteBuffer()
        member.reserveCapacity(packed.bytes.count + before.count + behind.count + 64)
        member.writeBytes(header)
        store(before, in: &member, isLast: false)
        member.writeBytes(packed.bytes)
        store(behind, in: &member, isLast: true)
        let sum = crc32_combine(UInt(checksum(of: before)), UInt(packed.checksum), packed.count)
        member.writeInteger(checksum(of: behind, after: UInt32(sum)), endianness: .little)
        let count = before.count + packed.count + behind.count
        member.writeInteger(UInt32(truncatingIfNeeded: count), endianness: .little)
        return member
    }

    private static func store(_ bytes: [UInt8], in member: inout ByteBuffer, isLast: Bool) {
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(blockBytes)
            rest = rest.dropFirst(block.count)
            member.writeInteger(UInt8(isLast && rest.isEmpty ? 1 : 0))
            member.writeInteger(UInt16(block.count), endianness: .little)
            member.writeInteger(~UInt16(block.count), endianness: .little)
            member.writeBytes(block)
        } while !rest.isEmpty
    }

    private static func checksum(of bytes: [UInt8], after sum: UInt32 = 0) -> UInt32 {
        UInt32(crc32(UInt(sum), bytes, UInt32(bytes.count)))
    }
}
