import DeviceAgent
import NIOCore

/// Finds one HTTP/1.1 response in the bytes that came, by its Content-Length: all that this server sends.
struct ResponseReader {
    private var buffer = ByteBuffer()

    /// Why the bytes are no response.
    enum Failure: Error { case notHTTP, tooLarge }

    /// The largest response taken: a document and its envelope.
    private static let limit = 8 * 1_024 * 1_024
    private static let headLimit = 16_384

    mutating func append(_ bytes: inout ByteBuffer) {
        if buffer.readableBytes == 0 { buffer = bytes } else { buffer.writeBuffer(&bytes) }
    }

    /// The next whole response; nil until it is there.
    mutating func next(_ unpacker: inout Unpacker) throws(Failure) -> Handset.Reply? {
        guard let head = try buffer.withUnsafeReadableBytes(ResponseHead.read) else {
            if buffer.readableBytes > Self.headLimit { throw .tooLarge }
            return nil
        }
        guard head.bodyBytes <= Self.limit else { throw .tooLarge }
        guard buffer.readableBytes >= head.bytes + head.bodyBytes else { return nil }
        buffer.moveReaderIndex(forwardBy: head.bytes)
        let body = head.bodyBytes == 0 ? [] : buffer.readBytes(length: head.bodyBytes) ?? []
        if buffer.readableBytes == 0 { buffer = ByteBuffer() }
        return Handset.Reply(
            status: head.status, retryAfter: head.retryAfter,
            body: head.isPacked ? try unpacker.unpack(body, limit: Self.limit) : body)
    }
}

/// What a handset needs of a response's head, read from the bytes without making strings of them.
struct ResponseHead {
    private(set) var status = 0
    /// Of the head, with the empty line that ends it.
    private(set) var bytes = 0
    private(set) var bodyBytes = 0
    private(set) var retryAfter: Int?
    private(set) var isPacked = false

    /// Nil until the whole head is there.
    static func read(_ bytes: UnsafeRawBufferPointer) throws(ResponseReader.Failure) -> ResponseHead? {
        var head = ResponseHead()
        var start = 0
        while let end = lineEnd(bytes, from: start) {
            let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            if start == 0 {
                guard line.count >= 12, line.starts(with: "HTTP/1.1 ".utf8), let status = number(line[9..<12]) else {
                    throw .notHTTP
                }
                head.status = status
            } else if line.isEmpty {
                head.bytes = end + 2
                // A 304 has no body, whatever its fields say.
                if head.status == 304 { head.bodyBytes = 0 }
                return head
            } else {
                try head.take(line)
            }
            start = end + 2
        }
        return nil
    }

    private mutating func take(_ line: UnsafeRawBufferPointer) throws(ResponseReader.Failure) {
        switch line.count {
        case 16... where Self.names(line, "content-length: "):
            guard let length = Self.number(line[16...]) else { throw .notHTTP }
            bodyBytes = length
        case 13... where Self.names(line, "retry-after: "): retryAfter = Self.number(line[13...])
        case 22 where Self.names(line, "content-encoding: gzip"): isPacked = true
        default: break
        }
    }

    /// Where a line's CR stands, its LF behind it.
    private static func lineEnd(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var index = start
        while index + 1 < bytes.count {
            if bytes[index] == 13, bytes[index + 1] == 10 { return index }
            index += 1
        }
        return nil
    }

    /// Whether a line begins so, but for the case of letters; `name` is in lower case.
    private static func names(_ line: UnsafeRawBufferPointer, _ name: StaticString) -> Bool {
        for index in 0..<name.utf8CodeUnitCount {
            let byte = line[index]
            let letter = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
            guard letter == name.utf8Start[index] else { return false }
        }
        return true
    }

    private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard (1...9).contains(digits.count) else { return nil }
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }
}
