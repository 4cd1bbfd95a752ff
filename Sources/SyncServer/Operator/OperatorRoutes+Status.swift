import Hummingbird
import SyncCore
import SyncEngine

extension OperatorRoutes {
    /// `GET /v1/status`: how many devices stand how, and what waits for a decision.
    func status(_ request: Request) async throws -> Response {
        let author = try author(request)
        let query = try Query(request, known: ["under", "policy", "silentFor"])
        let (scope, policy) = (try scope(query, author), try policy(query, author))
        let asked = try silence(query).map { [$0] } ?? []
        let status = try await engine.status(
            FleetStatus.Query(
                under: scope, policy: policy?.id, silences: Set(ServerLimits.silenceSteps + asked)))
        let world = world
        var answer: [String: JSONValue] = [
            "under": .string(scope.text), "epoch": .integer(Int64(world.epoch)), "seq": .integer(Int64(world.seq)),
        ]
        answer.merge(status.members) { $1 }
        let owned = try await engine.policyCount(under: scope, only: policy?.id)
        answer["policy"] = (policy?.reference.description).map(JSONValue.string)
        answer["policies"] = .integer(Int64(owned.policies))
        answer["conflicts"] = .integer(Int64(owned.conflicts))
        answer["floor"] = engine.floor.map { .integer(Int64($0.seq)) }
        return Answer.json(.object(answer))
    }
}

extension FleetStatus {
    /// Lines of a list that devices decide on: more would be no status.
    private static let listed = 100

    fileprivate var members: [String: JSONValue] {
        let states = Device.State.allCases.map { ($0.rawValue, Self.count(self.states[$0])) }
        let standings = DeviceStanding.allCases.map { ($0.rawValue, Self.count(self.standings[$0])) }
        let silences = silent.sorted { $0.key < $1.key }.map { seconds, devices in
            JSONValue.object(["seconds": .integer(seconds), "devices": Self.count(devices)])
        }
        return [
            "devices": .object(Dictionary(uniqueKeysWithValues: states)),
            "standing": .object(Dictionary(uniqueKeysWithValues: standings)),
            "nonCompliance": .array(
                ranked.map { entry, devices in
                    var line: [String: JSONValue] = [
                        "reason": .string(entry.reason.rawValue), "devices": Self.count(devices),
                    ]
                    line["setting"] = entry.setting.map(JSONValue.string)
                    return .object(line)
                }),
            "failures": .array(
                failures.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.listed).map {
                    .object(["reason": .string($0), "devices": Self.count($1)])
                }), "silent": .array(silences),
        ]
    }

    /// Most devices first.
    var ranked: [(NonCompliance, Int)] {
        nonCompliance.sorted { left, right in
            (right.value, left.key.setting ?? "", left.key.reason.rawValue)
                < (left.value, right.key.setting ?? "", right.key.reason.rawValue)
        }.map { ($0.key, $0.value) }
    }

    private static func count(_ devices: Int?) -> JSONValue { .integer(Int64(devices ?? 0)) }
}
