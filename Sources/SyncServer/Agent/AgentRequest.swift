import NIOCore
import NIOHTTP1
import SyncProtocol

/// A request of the agent listener, as its head says it.
struct AgentRequest {
    let route: AgentRoute
    let headers: RequestHeaders
    /// Of the answer nothing but the head is asked for.
    let isHeadOnly: Bool

    /// - Throws: why it is refused whoever asks, before its body is read.
    init(_ head: HTTPRequestHead, _ headers: RequestHeaders) throws(Problem) {
        if let repeated = headers.repeated {
            throw Problem(Malformed(field: repeated.rawValue, text: "it twice", expected: "it once"))
        }
        guard headers.host != nil || !head.version.isPersistent else {
            throw Problem(Malformed(field: "Host", text: "nothing", expected: "it once"))
        }
        guard headers.transferCoding.map({ $0.lowercased() == "chunked" }) ?? true else {
            throw Problem(400, "bad-http", "Transfer-Encoding: expected chunked alone")
        }
        route = try AgentRoute(head)
        guard headers.length ?? 0 <= WireLimits.deviceBodyBytes else {
            throw .bodyTooLarge(WireLimits.deviceBodyBytes)
        }
        self.headers = headers
        isHeadOnly = head.method == .HEAD
    }

    /// Whether it is handed to the writer.
    var writes: Bool {
        switch route {
        case .report, .enrol: true
        case .checkIn, .health, .options: false
        }
    }
}

extension HTTPVersion {
    /// Whether a connection stays unless somebody says that it does not; HTTP/1.0 has none such (RFC 9112, section 9.3).
    var isPersistent: Bool { major > 1 || major == 1 && minor > 0 }
}
