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
            return .object(
                [
                    "first": .integer(Int64(transaction.firstSeq)), "author": .string(transaction.header.author),
                    "received": .integer(transaction.header.received), "entries": .array(entries.map(\.json)),
                ].merging(author.maySeeAll(of: transaction, in: world) ? transaction.header.words : [:]) { $1 })
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

extension Entry {
    fileprivate var json: JSONValue {
        var members = changeJSON.object ?? [:]
        members["subject"] = .string(subject)
        members["base"] = .integer(Int64(base))
        members["outcome"] = .string(outcome.rawValue)
        members["leaf"] = .string(leaf.description)
        return .object(members)
    }
}

extension Operator {
    /// A change that also concerns others keeps its words for those who may see all of it.
    fileprivate func maySeeAll(of transaction: Transaction, in world: World) -> Bool {
        transaction.entries.allSatisfy { maySee($0, in: world) }
    }
}

extension Transaction.Header {
    fileprivate var words: [String: JSONValue] {
        ["intent": .string(intent), "reason": .string(reason ?? "")]
    }
}
