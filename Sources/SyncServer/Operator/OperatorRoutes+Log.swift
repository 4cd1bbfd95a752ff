import HashTreeCollections
import Hummingbird
import SyncCore
import SyncEngine
import SyncProtocol

extension OperatorRoutes {
    /// `GET /v1/log?after=`: whole transactions, less the entries that are not the reader's; `next` is the bookmark.
    func log(_ request: Request) async throws -> Response {
        let author = try author(request)
        let query = try Query(request, known: ["after", "limit"])
        let after = try query.integer("after", 0...Int(Limits.integerMagnitude), default: 0)
        let limit = try query.integer("limit", 1...WireLimits.pageRows, default: 100)
        let page = try await engine.log(after: Seq(after), limit: limit)
        let world = world
        let rows = page.compactMap { transaction -> JSONValue? in
            let entries = transaction.entries.filter { $0.seq > Seq(after) && author.maySee($0, in: world) }
            guard !entries.isEmpty else { return nil }
            return .object([
                "first": .integer(Int64(transaction.firstSeq)), "author": .string(transaction.header.author),
                "intent": .string(transaction.header.intent), "received": .integer(transaction.header.received),
                "reason": .string(transaction.header.reason ?? ""),
                "entries": .array(entries.map(\.json)),
            ])
        }
        return Answer.json(
            .object([
                "transactions": .array(rows), "epoch": .integer(Int64(world.epoch)),
                "next": .integer(Int64(page.last?.lastSeq ?? Seq(after))), "head": .integer(Int64(world.seq)),
            ]))
    }

    /// `GET /v1/tokens`: what was issued, never the tokens themselves.
    func tokens(_ request: Request) throws -> Response {
        let author = try author(request)
        let scope = try scope(try Query(request, known: ["under"]), author)
        let rows = world.issuedTokens.filter { scope.contains($0.grant.unit) }.map { token in
            JSONValue.object([
                "token": .string(token.id.description), "unit": .string(token.grant.unit.text),
                "tags": token.grant.tags.json, "uses": .integer(Int64(token.grant.uses)),
                "left": .integer(Int64(token.usesLeft)), "expires": .integer(token.grant.expires),
                "revoked": .bool(token.isRevoked),
            ])
        }
        return Answer.json(.object(["tokens": .array(rows)]))
    }

    /// `GET /v1/operators`.
    func operators(_ request: Request) throws -> Response {
        let author = try author(request)
        let scope = try scope(try Query(request, known: ["under"]), author)
        let rows = world.operators.values.filter { scope.contains($0.unit) }.sorted { $0.name < $1.name }.map(\.json)
        return Answer.json(.object(["operators": .array(rows)]))
    }
}

extension Operator {
    /// Whether an entry of the log concerns this reader's part of the tree.
    fileprivate func maySee(_ entry: Entry, in world: World) -> Bool {
        let line = Change.Line(subject: entry.subject, key: entry.key, operation: entry.operation, value: entry.value)
        let place: OrgPath? =
            switch Change(line) {
            case .unitCreated(let path): path
            case .policyCreated(let id, _), .settingSet(let id, _, _, _), .settingRemoved(let id, _):
                world.policies[id]?.reference.owner
            case .bound(_, let assignment):
                switch assignment.target {
                case .unit(let path): path
                case .device(let id): world.devices[id]?.unit
                }
            case .tokenIssued(_, let grant): grant.unit
            case .deviceProvisioned(let id, _), .deviceEnrolled(let id, _), .deviceMoved(let id, _),
                .deviceTagged(let id, _), .deviceFactsChanged(let id, _), .deviceRevoked(let id),
                .deviceRetired(let id):
                world.devices[id]?.unit
            case .operatorAppointed(let appointed, _): appointed.unit
            case .catalogActivated, .unbound, .tokenRevoked, .operatorDismissed, nil: .root
            }
        return denial(of: .read(place ?? .root)) == nil
    }
}

extension Entry {
    fileprivate var json: JSONValue {
        var members = changeJSON.object ?? [:]
        members["subject"] = .string(subject)
        members["base"] = .integer(Int64(base))
        members["outcome"] = .string(outcome)
        members["leaf"] = .string(leaf.description)
        return .object(members)
    }
}
