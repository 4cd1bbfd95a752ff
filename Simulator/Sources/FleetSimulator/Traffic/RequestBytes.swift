import DeviceAgent
import NIOCore
import SyncCore
import SyncProtocol

/// Renders a handset's step as the bytes of an HTTP/1.1 request.
struct RequestBytes {
    let host: String

    func checkIn(
        _ checkIn: Handset.CheckIn, credential: String, wait: Int, path: String = "/v1/sync",
        _ allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: 512)
        buffer.writeStaticString("GET ")
        buffer.writeString(path)
        buffer.writeStaticString(" HTTP/1.1\r\nhost: ")
        buffer.writeString(host)
        buffer.writeStaticString("\r\nauthorization: Bearer ")
        buffer.writeString(credential)
        buffer.writeStaticString("\r\nconsigne-have: ")
        buffer.writeString(checkIn.have.description)
        if let tag = checkIn.tag {
            buffer.writeStaticString("\r\nif-none-match: W/\"")
            buffer.writeString(tag)
            buffer.writeStaticString("\"")
        }
        buffer.writeStaticString("\r\n")
        buffer.writeString(Self.forms(checkIn.acceptsDelta))
        if wait > 0 { buffer.writeString("prefer: wait=\(wait)\r\n") }
        buffer.writeStaticString("\r\n")
        return buffer
    }

    func enrol(_ request: EnrolRequest, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        post("/v1/enrol", request.json, "", allocator)
    }

    func report(
        _ request: SyncRequest, credential: String, acceptsDelta: Bool, _ allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        post(
            "/v1/sync", request.json, "authorization: Bearer \(credential)\r\n" + Self.forms(acceptsDelta), allocator)
    }

    /// The forms of an answer that a handset takes.
    private static func forms(_ acceptsDelta: Bool) -> String {
        acceptsDelta ? "accept-encoding: gzip\r\nconsigne-accept: delta\r\n" : "accept-encoding: gzip\r\n"
    }

    private func post(
        _ path: String, _ json: JSONValue, _ headers: String, _ allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        let body = CanonicalWriter.bytes(of: json)
        var text = "POST \(path) HTTP/1.1\r\nhost: \(host)\r\n\(headers)"
        text += "content-type: application/json\r\ncontent-length: \(body.count)\r\n\r\n"
        var buffer = allocator.buffer(capacity: text.utf8.count + body.count)
        buffer.writeString(text)
        buffer.writeBytes(body)
        return buffer
    }
}
