import Hummingbird
import SyncCore
import SyncEngine

extension OperatorRoutes {
    /// `GET /v1/status`: how many devices stand how, and what waits for a decision.
    func status(_ request: Request) throws -> Response {
        let author = try author(request)
        let scope = try scope(try Query(request, known: ["under"]), author)
        let world = world
        let status = engine.status(under: scope)
        let policies = world.policies.values.filter { scope.contains($0.reference.owner) }
        let states = Device.State.allCases.map { ($0.rawValue, JSONValue.integer(Int64(status.states[$0] ?? 0))) }
        let standings = DeviceStanding.allCases.map {
            ($0.rawValue, JSONValue.integer(Int64(status.standings[$0] ?? 0)))
        }
        var answer: [String: JSONValue] = [
            "under": .string(scope.text), "epoch": .integer(Int64(world.epoch)), "seq": .integer(Int64(world.seq)),
            "devices": .object(Dictionary(uniqueKeysWithValues: states)),
            "standing": .object(Dictionary(uniqueKeysWithValues: standings)),
            "policies": .integer(Int64(policies.count)),
            "conflicts": .integer(Int64(policies.reduce(0) { $0 + $1.conflicts.count })),
        ]
        answer["floor"] = engine.floor.map { .integer(Int64($0.seq)) }
        return Answer.json(.object(answer))
    }
}
