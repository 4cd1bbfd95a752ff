import NIOCore
import NIOHTTP1
import SyncCore
import SyncEngine
import SyncProtocol

/// One answer to a device, ready to be written.
struct AgentAnswer {
    let status: HTTPResponseStatus
    var headers: HTTPHeaders
    /// Written one after the other; the middle one may be shared with every other answer.
    let body: [ByteBuffer]

    /// The shared part of an answer: the class's document, or what changed in it.
    enum Part {
        case document(Digest, ByteBuffer)
        /// With the digest of what it makes.
        case delta(Digest, ByteBuffer)
    }

    static func problem(_ problem: Problem) -> AgentAnswer {
        var headers: HTTPHeaders = ["content-type": Problem.mediaType]
        if let seconds = problem.retryAfter { headers.add(name: "retry-after", value: String(seconds)) }
        if let methods = problem.allow { headers.add(name: "allow", value: methods) }
        if problem.status == 401 { headers.add(name: "www-authenticate", value: "Bearer") }
        return AgentAnswer(
            status: HTTPResponseStatus(statusCode: problem.status), headers: headers,
            body: [ByteBuffer(bytes: problem.body)])
    }

    static func json(_ value: JSONValue) -> AgentAnswer {
        AgentAnswer(
            status: .ok, headers: ["content-type": "application/json", "cache-control": privateCache],
            body: [ByteBuffer(bytes: CanonicalWriter.bytes(of: value))])
    }

    static let privateCache = "private, no-store"

    /// Nothing new: 304 (RFC 9110, section 15.4.5).
    static func notModified(_ version: Seq, tag: Cursor?, retryAfter: Int? = nil) -> AgentAnswer {
        var headers = HTTPHeaders()
        if let tag { headers.add(name: "etag", value: "W/\"\(tag)\"") }
        headers.add(name: "consigne-version", value: String(version))
        headers.add(name: "cache-control", value: privateCache)
        if let retryAfter { headers.add(name: "retry-after", value: String(retryAfter)) }
        return AgentAnswer(status: .notModified, headers: headers, body: [])
    }

    /// A body of the sync routes; `part` is a buffer shared with every device of the class.
    static func sync(
        _ result: String, version: Seq, tag: Cursor?, after: Int, epoch: UInt64, part: Part? = nil,
        user: UserPart = .none
    ) -> AgentAnswer {
        var headers: HTTPHeaders = ["content-type": "application/json"]
        var text = "{\"after\":\(after),\"commands\":[],"
        var parts: [ByteBuffer] = []
        switch part {
        case .document(let digest, let buffer)?:
            parts = [ByteBuffer(string: text + "\"digest\":\"\(digest)\",\"document\":"), buffer]
            text = ","
        case .delta(let digest, let buffer)?:
            parts = [ByteBuffer(string: text + "\"delta\":"), buffer]
            text = ",\"digest\":\"\(digest)\","
        case nil: break
        }
        if !user.answers.isEmpty {
            text += "\"edits\":\(CanonicalWriter.text(of: .array(user.answers.map(\.json)))),"
        }
        text += "\"epoch\":\(epoch),\"result\":\"\(result)\""
        if let tag {
            headers.add(name: "etag", value: "W/\"\(tag)\"")
            text += ",\"tag\":\"\(tag)\""
        }
        if let state = user.document { text += ",\"user\":\(CanonicalWriter.text(of: state))" }
        text += ",\"version\":\(version)}"
        headers.add(name: "consigne-version", value: String(version))
        headers.add(name: "cache-control", value: privateCache)
        return AgentAnswer(status: .ok, headers: headers, body: parts + [ByteBuffer(string: text)])
    }
}
