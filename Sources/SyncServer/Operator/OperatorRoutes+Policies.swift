import Hummingbird
import SyncCore
import SyncEngine
import SyncProtocol

extension OperatorRoutes {
    /// `GET /v1/units`: paths below one, in order.
    func units(_ request: Request) throws -> Response {
        let author = try author(request)
        let scope = try scope(try Query(request, known: ["under"]), author)
        let paths = world.unitPaths.filter(scope.contains).sorted()
        return Answer.json(.object(["units": .array(paths.map { .string($0.text) })]))
    }

    /// `GET /v1/policies`: owned at or below a unit, and those of the units above it.
    func policies(_ request: Request) async throws -> Response {
        let author = try author(request)
        let query = try Query(request, known: ["under", "at"])
        let scope = try scope(query, author)
        let world = try await world(at: query)
        let found = world.policies.values.filter { policy in
            let owner = policy.reference.owner
            return (scope.contains(owner) || owner.contains(scope))
                && author.denial(of: .readPolicy(owner: owner)) == nil
        }
        let rows = found.sorted { $0.reference < $1.reference }.map { policy in
            JSONValue.object([
                "policy": .string(policy.reference.description), "id": .string(policy.id.description),
                "settings": .integer(Int64(policy.values.count)), "revision": .integer(Int64(policy.revision)),
            ])
        }
        return Answer.json(.object(["policies": .array(rows)]))
    }

    /// `GET /v1/policy?name=`: one policy's body, in the form that can be put again.
    func policy(_ request: Request) async throws -> Response {
        let author = try author(request)
        let query = try Query(request, known: ["name", "at"])
        let policy = try readablePolicy(try policyReference(query), author, in: try await world(at: query))
        let epoch = world.epoch
        let body = policy.body
        let conflicts = policy.conflicts.map { conflict($0.key, $0.setting, of: policy, for: author) }
        return Answer.json(
            .object([
                "policy": .string(policy.reference.description), "id": .string(policy.id.description),
                "epoch": .integer(Int64(epoch)), "revision": .integer(Int64(policy.revision)),
                "conflicts": .array(conflicts),
                "body": .object([
                    "settings": .object(body.values), "enforced": .array(body.enforced.sorted().map(JSONValue.string)),
                ]),
            ]), tag: PolicyTag(epoch: epoch, revision: policy.revision))
    }

    /// `GET /v1/conflicts`: settings with writes that nobody has decided on.
    func conflicts(_ request: Request) throws -> Response {
        let author = try author(request)
        let scope = try scope(try Query(request, known: ["under"]), author)
        let policies = world.policies.values.filter { scope.contains($0.reference.owner) }
        let rows = policies.sorted { $0.reference < $1.reference }.flatMap { policy in
            policy.conflicts.map { conflict($0.key, $0.setting, of: policy, for: author) }
        }
        return Answer.json(.object(["conflicts": .array(rows)]))
    }

    /// One setting's open conflict: what stands, and the siblings, each with who wrote it.
    func conflict(_ key: String, _ setting: Policy.Setting, of policy: Policy, for reader: Operator) -> JSONValue {
        func side(_ value: SettingValue?, _ stamp: Stamp?) -> JSONValue {
            var members = value?.json.object ?? [:]
            guard let stamp else { return .object(members) }
            members["seq"] = .integer(Int64(stamp.seq))
            members["received"] = .integer(stamp.received)
            members["author"] = author(stamp.author, of: policy.reference.owner, for: reader)
            return .object(members)
        }
        return .object([
            "policy": .string(policy.reference.description), "setting": .string(key),
            "revision": .integer(Int64(policy.revision)), "stands": side(setting.current, setting.written),
            "siblings": .array(setting.siblings.map { side($0.value, $0.stamp) }),
        ])
    }

    /// `GET /v1/policy/history?name=`: who changed what since the floor, the latest last.
    func policyHistory(_ request: Request) async throws -> Response {
        let author = try author(request)
        let query = try Query(request, known: ["name", "limit"])
        let policy = try readablePolicy(try policyReference(query), author, in: world)
        let limit = try query.integer("limit", 1...WireLimits.pageRows, default: 50)
        let (history, isCut) = try await engine.history(
            of: "policy/\(policy.id)", limit: limit, bytes: WireLimits.logPageBytes)
        let rows = history.map { transaction -> JSONValue in
            var row: [String: JSONValue] = [
                "seq": .integer(Int64(transaction.entries.last?.seq ?? 0)),
                "received": .integer(transaction.header.received),
                "changes": .array(transaction.entries.map(\.changeJSON)),
            ]
            row["author"] = self.author(transaction.header.author, of: policy.reference.owner, for: author)
            if row["author"] != nil { row["reason"] = transaction.header.reason.map(JSONValue.string) }
            return .object(row)
        }
        var answer: [String: JSONValue] = ["policy": .string(policy.reference.description), "history": .array(rows)]
        answer["floor"] = engine.floor.map { .integer(Int64($0.seq)) }
        if isCut { answer["cut"] = .bool(true) }
        return Answer.json(.object(answer))
    }

    /// `GET /v1/assignments`: what is bound at or below a unit, and above it.
    func assignments(_ request: Request) async throws -> Response {
        let author = try author(request)
        let query = try Query(request, known: ["under", "at", "policy"])
        let wanted = try query.optional("policy", PolicyReference.expected) { PolicyReference($0) }
        let scope = try scope(query, author)
        let world = try await world(at: query)
        let rows = world.assignments.sorted { $0.key < $1.key }.compactMap { id, assignment -> JSONValue? in
            guard let policy = world.policies[assignment.policy], wanted.map({ $0 == policy.reference }) ?? true else {
                return nil
            }
            var row: [String: JSONValue] = [
                "assignment": .string(id.description), "policy": .string(policy.reference.description),
                "layer": .integer(Int64(assignment.layer.priority)),
            ]
            row["incidentUntil"] = assignment.incidentUntil.map(JSONValue.integer)
            switch assignment.target {
            case .unit(let path):
                guard scope.contains(path) || path.contains(scope) else { return nil }
                row["unit"] = .string(path.text)
                row["selector"] = assignment.selector.map { .string($0.description) }
            case .device(let device):
                guard let unit = world.devices[device]?.unit, scope.contains(unit) else { return nil }
                row["device"] = .string(device.description)
            }
            return .object(row)
        }
        return Answer.json(.object(["assignments": .array(rows)]))
    }
}

extension Entry {
    /// The entry as a change of one key.
    var changeJSON: JSONValue {
        var members: [String: JSONValue] = [
            "seq": .integer(Int64(seq)), "key": .string(key), "op": .string(operation.rawValue),
            "outcome": .string(outcome.rawValue),
        ]
        members["value"] = value
        return .object(members)
    }
}
