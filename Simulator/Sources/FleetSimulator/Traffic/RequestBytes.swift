import DeviceAgent
import NIOCore
import SyncCore
import SyncProtocol

/// Renders a handset's step as the bytes of an HTTP/1.1 request.
struct RequestBytes {
    let host: String

    func checkIn(_ checkIn: Handset.CheckIn, credential: String, wait: Int, _ allocator: ByteBufferAllocator)
        -> ByteBuffer
    {
        var text = "GET /v1/sync HTTP/1.1\r\nhost: \(host)\r\nauthorization: Bearer \(credential)\r\n"
        text += "consigne-have: \(checkIn.have)\r\n"
        if let tag = checkIn.tag { text += "if-none-match: W/\"\(tag)\"\r\n" }
        if checkIn.acceptsDelta { text += "consigne-accept: delta\r\n" }
        if wait > 0 { text += "prefer: wait=\(wait)\r\n" }
        text += "\r\n"
        return allocator.buffer(string: text)
    }

    func enrol(_ request: EnrolRequest, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        post("/v1/enrol", request.json, authorization: nil, allocator)
    }

    func report(_ request: SyncRequest, credential: String, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        post("/v1/sync", request.json, authorization: credential, allocator)
    }

    private func post(
        _ path: String, _ json: JSONValue, authorization: String?, _ allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        let body = CanonicalWriter.bytes(of: json)
        var text = "POST \(path) HTTP/1.1\r\nhost: \(host)\r\n"
        if let authorization { text += "authorization: Bearer \(authorization)\r\n" }
        text += "content-type: application/json\r\ncontent-length: \(body.count)\r\n\r\n"
        var buffer = allocator.buffer(capacity: text.utf8.count + body.count)
        buffer.writeString(text)
        buffer.writeBytes(body)
        return buffer
    }
}
