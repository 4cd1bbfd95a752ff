import NIOCore
import NIOHTTP1
import SyncCore
import SyncProtocol

/// The agent listener's routes: all there is on it.
enum AgentRoute {
    case checkIn, report, enrol, health
    /// `OPTIONS`, of one route or of all.
    case options(allow: String)

    /// - Throws: why there is none.
    init(_ head: HTTPRequestHead) throws(Problem) {
        let path: Substring
        if let end = head.uri.utf8.firstIndex(of: UInt8(ascii: "?")) {
            path = head.uri[..<end]
            guard head.uri[end...].utf8.count == 1 else { throw Self.queryRefused(head.uri[end...].dropFirst()) }
        } else {
            path = head.uri[...]
        }
        let methods: String
        switch path {
        case "/v1/sync": methods = "GET, HEAD, POST, OPTIONS"
        case "/v1/enrol": methods = "POST, OPTIONS"
        case "/health": methods = "GET, HEAD, OPTIONS"
        // Proxies ask so whether anybody is there.
        case "*", "/": methods = head.method == .OPTIONS ? "GET, HEAD, POST, OPTIONS" : ""
        default: methods = ""
        }
        switch (head.method, path) {
        case (_, _) where methods.isEmpty: throw .unknownRoute
        case (.GET, "/v1/sync"), (.HEAD, "/v1/sync"): self = .checkIn
        case (.POST, "/v1/sync"): self = .report
        case (.POST, "/v1/enrol"): self = .enrol
        case (.GET, "/health"), (.HEAD, "/health"): self = .health
        case (.OPTIONS, _): self = .options(allow: methods)
        default:
            throw Problem(
                405, "wrong-method", "this route does not know \(head.method.rawValue.prefix(20))", allow: methods)
        }
    }

    private static func queryRefused(_ query: Substring) -> Problem {
        let name = query.prefix { $0 != "=" && $0 != "&" }
        return Problem(Malformed(field: "query \(name.prefix(80))", text: String(query), expected: "no query"))
    }
}

extension AgentHandler {
    func handle(_ request: AgentRequest, _ body: ByteBuffer) {
        switch request.route {
        case .checkIn: checkIn(request.headers, waits: !request.isHeadOnly)
        case .report: report(request.headers, body)
        case .enrol: enrol(body)
        case .health: answer(.json(.object(["status": .string("up")])))
        case .options(let allow): answer(.options(allow: allow))
        }
    }

    /// A body as JSON, or the answer that says why it is none.
    func json(_ body: ByteBuffer) throws -> JSONValue {
        try JSONReader.read(Array(body.readableBytesView), limit: WireLimits.deviceBodyBytes)
    }

    private func enrol(_ body: ByteBuffer) {
        let request: EnrolRequest
        do {
            request = try EnrolRequest(try json(body))
        } catch {
            return answer(.problem(Problem(error)))
        }
        let engine = agents.service.engine
        let bound = NIOLoopBound(self, eventLoop: agents.loop)
        let inbox = agents.inbox
        engine.enrol(
            tokenHash: Digest(hashing: Array(request.token.utf8)), credentialHash: request.credentialHash,
            serial: request.serial, facts: request.facts
        ) { outcome in
            inbox.put {
                switch outcome {
                case .success(let device):
                    bound.value.answer(
                        .json(
                            .object([
                                "device": .string(device.id.description), "unit": .string(device.unit.text),
                                "epoch": .integer(Int64(engine.snapshot.world.epoch)),
                            ])))
                case .failure(let refusal):
                    let handler = bound.value
                    handler.agents.service.warnRefused(request, refusal, from: handler.client)
                    handler.answer(.problem(Problem(refusal)))
                }
            }
        }
    }
}
