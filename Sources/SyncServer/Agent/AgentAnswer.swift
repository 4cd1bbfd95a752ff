import NIOCore
import NIOHTTP1
import SyncCore
import SyncEngine
import SyncProtocol

/// One answer to a device, as the bytes that leave.
///
/// They are made once for all who ask the same of the same World, so no encoder stands in the pipeline.
struct AgentAnswer {
    /// From the status line to the end of the body.
    private let bytes: ByteBuffer
    /// Where the empty line begins that ends the fields.
    private let fieldsEnd: Int

    /// Fields of an answer's head; every name and value is made here or was checked when it was read.
    struct Head {
        fileprivate var text: String

        init(_ status: HTTPResponseStatus) { text = "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n" }

        mutating func add(_ name: StaticString, _ value: String) { text += "\(name): \(value)\r\n" }
    }

    /// An answer without a body, not even an empty one.
    init(_ head: Head) {
        fieldsEnd = head.text.utf8.count
        bytes = ByteBuffer(string: head.text + "\r\n")
    }

    /// - Parameter body: pieces that are sent one after the other.
    init(_ head: Head, body: [ByteBuffer]) {
        var head = head
        let length = body.reduce(0) { $0 + $1.readableBytes }
        head.add("content-length", String(length))
        fieldsEnd = head.text.utf8.count
        var bytes = ByteBuffer()
        bytes.reserveCapacity(fieldsEnd + 2 + length)
        bytes.writeString(head.text)
        bytes.writeStaticString("\r\n")
        for piece in body { bytes.writeImmutableBuffer(piece) }
        self.bytes = bytes
    }

    /// What to write, on a connection that stays open or not.
    func bytes(closing: Bool) -> ByteBuffer {
        guard closing, let fields = bytes.getSlice(at: bytes.readerIndex, length: fieldsEnd),
            let rest = bytes.getSlice(
                at: bytes.readerIndex + fieldsEnd, length: bytes.readableBytes - fieldsEnd)
        else { return bytes }
        var closing = fields
        closing.writeStaticString("connection: close\r\n")
        closing.writeImmutableBuffer(rest)
        return closing
    }

    static func problem(_ problem: Problem) -> AgentAnswer {
        var head = Head(HTTPResponseStatus(statusCode: problem.status))
        head.add("content-type", Problem.mediaType)
        if let seconds = problem.retryAfter { head.add("retry-after", String(seconds)) }
        if let methods = problem.allow { head.add("allow", methods) }
        if problem.status == 401 { head.add("www-authenticate", "Bearer") }
        return AgentAnswer(head, body: [ByteBuffer(bytes: problem.body)])
    }

    static func json(_ value: JSONValue) -> AgentAnswer {
        var head = Head(.ok)
        head.add("content-type", "application/json")
        head.add("cache-control", privateCache)
        return AgentAnswer(head, body: [ByteBuffer(bytes: CanonicalWriter.bytes(of: value))])
    }

    static let privateCache = "private, no-store"

    /// Nothing new: 304 (RFC 9110, section 15.4.5).
    static func notModified(_ version: Seq, tag: Cursor?, retryAfter: Int? = nil) -> AgentAnswer {
        var head = Head(.notModified)
        if let tag { head.add("etag", "W/\"\(tag)\"") }
        head.add("consigne-version", String(version))
        head.add("cache-control", privateCache)
        if let retryAfter { head.add("retry-after", String(retryAfter)) }
        return AgentAnswer(head)
    }
}
