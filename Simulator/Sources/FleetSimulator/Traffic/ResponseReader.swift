import DeviceAgent
import NIOCore

/// Finds one HTTP/1.1 response in the bytes that came, by its Content-Length: all that this server sends.
struct ResponseReader {
    private var buffer = ByteBuffer()

    /// Why the bytes are no response.
    enum Failure: Error { case notHTTP, tooLarge }

    /// The largest response taken: a document and its envelope.
    private static let limit = 8 * 1_024 * 1_024

    mutating func append(_ bytes: inout ByteBuffer) {
        if buffer.readableBytes == 0 { buffer = bytes } else { buffer.writeBuffer(&bytes) }
    }

    /// The next whole response; nil until it is there.
    mutating func next() throws(Failure) -> Handset.Reply? {
        let view = buffer.readableBytesView
        guard let end = Self.headEnd(view) else {
            if view.count > 16_384 { throw .tooLarge }
            return nil
        }
        let head = String(decoding: view[view.startIndex..<end], as: UTF8.self)
        let lines = head.split(separator: "\r\n")
        guard let words = lines.first?.split(separator: " "), words.count >= 2, words[0] == "HTTP/1.1",
            let status = Int(words[1])
        else { throw .notHTTP }
        var length = 0
        var retryAfter: Int?
        var isPacked = false
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw .notHTTP }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            switch line[..<colon].lowercased() {
            case "content-length": length = Int(value) ?? 0
            case "retry-after": retryAfter = Int(value)
            case "content-encoding": isPacked = value == "gzip"
            default: break
            }
        }
        guard length <= Self.limit else { throw .tooLarge }
        let headLength = end - view.startIndex + 4
        guard status == 304 || buffer.readableBytes >= headLength + length else { return nil }
        buffer.moveReaderIndex(forwardBy: headLength)
        let body = status == 304 ? [] : buffer.readBytes(length: length) ?? []
        if buffer.readableBytes == 0 { buffer.clear() }
        return Handset.Reply(status: status, retryAfter: retryAfter, body: isPacked ? try Self.unpack(body) : body)
    }

    private static func unpack(_ body: [UInt8]) throws(Failure) -> [UInt8] {
        do throws(GzipReader.Failure) {
            return try GzipReader.read(body, limit: limit)
        } catch {
            throw .notHTTP
        }
    }

    private static func headEnd(_ view: ByteBufferView) -> Int? {
        guard view.count >= 4 else { return nil }
        var index = view.startIndex
        while index + 3 < view.endIndex {
            if view[index] == 13, view[index + 1] == 10, view[index + 2] == 13, view[index + 3] == 10 { return index }
            index += 1
        }
        return nil
    }
}
