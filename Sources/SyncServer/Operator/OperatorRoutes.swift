import HTTPTypes
import Hummingbird
import NIOCore
import SyncCore
import SyncEngine
import SyncProtocol

/// The operators' routes: decode, ask the engine, encode. One file an area; this one has what they share.
struct OperatorRoutes: Sendable {
    let engine: Engine
    /// What devices make of the other listener.
    let load: @Sendable () async -> AgentLoad
    let bodies = BodyBudget()

    var world: World { engine.snapshot.world }

    /// Who asks.
    func author(_ request: Request) throws -> Operator {
        guard let hash = Bearer.hash(of: request.headers[.authorization]), let found = world.operator(tokenHash: hash)
        else { throw Problem.unauthenticated }
        if let expires = found.expires, expires <= engine.now() { throw Problem.tokenExpired }
        return found
    }

    func ready() async throws -> Response {
        let head = try await engine.head()
        return Answer.json(
            .object([
                "status": .string("ready"), "epoch": .integer(Int64(head.epoch)), "seq": .integer(Int64(head.seq)),
                "warnings": .array(engine.warnings.map { .string($0.rawValue) }),
            ]))
    }

    func me(_ request: Request) throws -> Response {
        let author = try author(request)
        _ = try Query(request, known: [])
        return Answer.json(author.json)
    }

    /// The unit a list is of; the operator's own where the query names none.
    func scope(_ query: Query, _ author: Operator) throws -> OrgPath {
        let path = try query.optional("under", OrgPath.expected, OrgPath.init) ?? author.unit
        if let denial = author.denial(of: .read(path)) { throw Refusal.denied(denial) }
        guard world.hasUnit(path) else { throw Refusal.unknownUnit(path) }
        return path
    }

    func policyReference(_ query: Query) throws -> PolicyReference {
        try query.require("name", PolicyReference.expected) { PolicyReference($0) }
    }

    /// The World that a query asks about: `at` with a log position or a time, or the present.
    func world(at query: Query) async throws -> World {
        let expected = "a log position, or a time such as 2026-11-23T08:00:00Z"
        let moment = try query.optional("at", expected) { text -> Moment? in
            Seq(text).map(Moment.position) ?? Timestamp(text)?.milliseconds.map(Moment.time)
        }
        guard let moment else { return world }
        return try await engine.world(at: moment)
    }

    func readablePolicy(_ reference: PolicyReference, _ author: Operator, in world: World) throws -> Policy {
        guard author.denial(of: .readPolicy(owner: reference.owner)) == nil, let policy = world.policy(reference) else {
            throw Refusal.unknownPolicy(reference)
        }
        return policy
    }

    func readableDevice(_ id: String?, _ author: Operator, in world: World) throws -> Device {
        let text = id ?? ""
        guard let device = DeviceID(text).flatMap({ world.devices[$0] }), author.denial(of: .read(device.unit)) == nil
        else {
            throw Refusal.unknownDevice(String(text.prefix(64)))
        }
        return device
    }

    /// Whether authors of what a unit owns may be named to this reader.
    func author(_ name: String, of owner: OrgPath, for reader: Operator) -> JSONValue? {
        reader.denial(of: .readAuthors(owner: owner)) == nil ? .string(name) : nil
    }
}

extension Operator {
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "operator": .string(name.text), "role": .string(role.rawValue), "unit": .string(unit.text),
        ]
        members["expires"] = expires.map(JSONValue.integer)
        return .object(members)
    }
}
