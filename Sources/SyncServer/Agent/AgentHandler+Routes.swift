import NIOCore
import NIOHTTP1
import SyncCore
import SyncProtocol

extension AgentHandler {
    /// The agent listener's routes: all there is on it.
    func handle(_ head: HTTPRequestHead, _ body: ByteBuffer) {
        let path = head.uri.prefix { $0 != "?" }
        switch (head.method, path) {
        case (.GET, "/v1/sync"): checkIn(head.headers)
        case (.POST, "/v1/sync"): report(head.headers, body)
        case (.POST, "/v1/enrol"): enrol(body)
        case (.GET, "/health"): answer(.json(.object(["status": .string("up")])))
        case (_, "/v1/sync"): refuse(head.method, allow: "GET, POST")
        case (_, "/v1/enrol"): refuse(head.method, allow: "POST")
        case (_, "/health"): refuse(head.method, allow: "GET")
        default: answer(.problem(.unknownRoute))
        }
    }

    private func refuse(_ method: HTTPMethod, allow: String) {
        answer(.problem(Problem(405, "wrong-method", "this route does not know \(method.rawValue)", allow: allow)))
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
                case .failure(let refusal): bound.value.answer(.problem(Problem(refusal)))
                }
            }
        }
    }
}
