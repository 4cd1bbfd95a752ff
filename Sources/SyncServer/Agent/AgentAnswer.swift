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

    /// The beginning of an answer; every name and value is made here or was checked when it was read.
    struct Head {
        fileprivate var bytes: ByteBuffer

        /// Bytes of a head as most are.
        private static let usualBytes = 256

        init(_ status: HTTPResponseStatus) {
            bytes = ByteBuffer()
            bytes.reserveCapacity(Self.usualBytes)
            bytes.writeStaticString("HTTP/1.1 ")
            bytes.writeString(String(status.code))
            bytes.writeStaticString(" ")
            bytes.writeString(status.reasonPhrase)
            bytes.writeStaticString("\r\n")
        }

        mutating func add(_ name: StaticString, _ value: String) {
            bytes.writeStaticString(name)
            bytes.writeStaticString(": ")
            bytes.writeString(value)
            bytes.writeStaticString("\r\n")
        }

        /// Adds a tag, always a weak one: what it stands for may be written in several ways.
        mutating func add(tag: Cursor) {
            bytes.writeStaticString("etag: W/\"")
            bytes.writeString(tag.description)
            bytes.writeStaticString("\"\r\n")
        }
    }

    /// An answer without a body, not even an empty one.
    init(_ head: consuming Head) {
        fieldsEnd = head.bytes.readableBytes
        head.bytes.writeStaticString("\r\n")
        bytes = head.bytes
    }

    /// - Parameter body: pieces that are sent one after the other.
    init(_ head: consuming Head, body: [ByteBuffer]) {
        let length = body.reduce(0) { $0 + $1.readableBytes }
        head.add("content-length", String(length))
        fieldsEnd = head.bytes.readableBytes
        head.bytes.reserveCapacity(fieldsEnd + 2 + length)
        head.bytes.writeStaticString("\r\n")
        for piece in body { head.bytes.writeImmutableBuffer(piece) }
        bytes = head.bytes
    }

    /// What to write.
    ///
    /// - Parameters:
    ///   - closing: the connection goes after it.
    ///   - headOnly: of what HEAD asks for nothing but the head may come, its length included (RFC 9110, section 9.3.2).
    func bytes(closing: Bool, headOnly: Bool = false) -> ByteBuffer {
        let length = headOnly ? fieldsEnd + 2 : bytes.readableBytes
        guard closing || headOnly, let fields = bytes.getSlice(at: bytes.readerIndex, length: fieldsEnd),
            let rest = bytes.getSlice(at: bytes.readerIndex + fieldsEnd, length: length - fieldsEnd)
        else { return bytes }
        var written = fields
        if closing { written.writeStaticString("connection: close\r\n") }
        written.writeImmutableBuffer(rest)
        return written
    }

    /// What may be asked of a route (RFC 9110, section 9.3.7).
    static func options(allow: String) -> AgentAnswer {
        var head = Head(.noContent)
        head.add("allow", allow)
        return AgentAnswer(head)
    }

    static func problem(_ problem: Problem) -> AgentAnswer {
        var head = Head(HTTPResponseStatus(statusCode: problem.status))
        head.add("content-type", Problem.mediaType)
        // A proxy that keeps a refusal gives it to those whom it does not concern.
        head.add("cache-control", "no-store")
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
    ///
    /// - Parameter isAhead: nothing can be new: the device has verified what this server does not have.
    static func notModified(
        _ version: Seq, tag: Cursor?, retryAfter: Int? = nil, isAhead: Bool = false
    ) -> AgentAnswer {
        var head = Head(.notModified)
        if let tag { head.add(tag: tag) }
        head.add("consigne-version", String(version))
        if isAhead { head.add("consigne-result", "ahead") }
        head.add("cache-control", privateCache)
        if let retryAfter { head.add("retry-after", String(retryAfter)) }
        return AgentAnswer(head)
    }
}
