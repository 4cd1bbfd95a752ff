import DeviceAgent
import NIOCore
import SyncCore
import SyncProtocol

/// Renders a handset's step as the bytes of an HTTP/1.1 request.
struct RequestBytes {
    let host: String
    /// Reports that say no more than facts, up to their numbers: handsets of a class and model send the same.
    private var beginnings: [Plain: [UInt8]] = [:]

    /// What every check-in begins with, up to the credential.
    private let checkInHead: [UInt8]

    init(host: String) {
        self.host = host
        checkInHead = Self.checkInHead("/v1/sync", host)
    }

    private static func checkInHead(_ path: String, _ host: String) -> [UInt8] {
        Array("GET \(path) HTTP/1.1\r\nhost: \(host)\r\nauthorization: Bearer ".utf8)
    }

    /// What such a report is made from, beside its number.
    private struct Plain: Hashable {
        let have: Have
        let facts: Facts
    }

    /// Beginnings kept: one a class and model, of two policies at a time.
    private static let limit = 16_384

    func checkIn(
        _ checkIn: Handset.CheckIn, credential: String, wait: Int, path: String? = nil,
        _ allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: 512)
        buffer.writeBytes(path.map { Self.checkInHead($0, host) } ?? checkInHead)
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
        let body = CanonicalWriter.bytes(of: request.json)
        var buffer = allocator.buffer(capacity: 256 + body.count)
        begin(&buffer, "POST /v1/enrol HTTP/1.1\r\nhost: ")
        buffer.writeStaticString("\r\n")
        end(&buffer, body)
        return buffer
    }

    mutating func report(
        _ request: SyncRequest, credential: String, acceptsDelta: Bool, _ allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        let body = body(request)
        var buffer = allocator.buffer(capacity: 384 + body.count)
        begin(&buffer, "POST /v1/sync HTTP/1.1\r\nhost: ")
        buffer.writeStaticString("\r\nauthorization: Bearer ")
        buffer.writeString(credential)
        buffer.writeStaticString("\r\n")
        buffer.writeString(Self.forms(acceptsDelta))
        end(&buffer, body)
        return buffer
    }

    /// A request's body in canonical form. In most, only the number at the end was not rendered before.
    mutating func body(_ request: SyncRequest) -> [UInt8] {
        guard let report = request.report, let facts = report.facts, report.failed == nil,
            report.nonCompliance.isEmpty, request.user == nil, request.edits.isEmpty
        else { return CanonicalWriter.bytes(of: request.json) }
        let end = "\(report.number)}}".utf8
        let plain = Plain(have: request.have, facts: facts)
        if let beginning = beginnings[plain] { return beginning + end }
        let body = CanonicalWriter.bytes(of: request.json)
        if beginnings.count >= Self.limit { beginnings.removeAll(keepingCapacity: true) }
        beginnings[plain] = Array(body.dropLast(end.count))
        return body
    }

    /// The forms of an answer that a handset takes.
    private static func forms(_ acceptsDelta: Bool) -> String {
        acceptsDelta ? "accept-encoding: gzip\r\nconsigne-accept: delta\r\n" : "accept-encoding: gzip\r\n"
    }

    private func begin(_ buffer: inout ByteBuffer, _ start: StaticString) {
        buffer.writeStaticString(start)
        buffer.writeString(host)
    }

    private func end(_ buffer: inout ByteBuffer, _ body: [UInt8]) {
        buffer.writeStaticString("content-type: application/json\r\ncontent-length: ")
        buffer.writeString(String(body.count))
        buffer.writeStaticString("\r\n\r\n")
        buffer.writeBytes(body)
    }
}
