import HashTreeCollections
import Hummingbird
import ServiceLifecycle
import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore

extension OperatorRoutes {
    /// `GET /v1/log?after=`: entries after a position, or from the floor on, under their transactions, less those that
    /// are not the reader's or not asked for; `next` is the bookmark, also where a page has nothing for them, and also
    /// within a transaction that is larger than a page. With `wait`, an answer that would be empty waits for what comes.
    func log(_ request: Request) async throws -> Response {
        let author = try author(request)
        let query = try Query(request, known: ["after", "epoch", "limit", "subject", "author", "wait"])
        let stated = try query.optional("after", "a log position") { text in
            Seq(text).flatMap { $0 <= Seq(Limits.integerMagnitude) ? $0 : nil }
        }
        let limit = try query.integer("limit", 1...WireLimits.pageRows, default: 100)
        let wait = try query.integer("wait", 0...WireLimits.logWaitSeconds, default: 0)
        let epoch = try query.optional("epoch", "an integer") { UInt64($0) }
        try checkBookmark(stated ?? 0, epoch: epoch, in: world)
        if let stated, wait > 0 { await waitForNews(after: stated, seconds: wait) }
        let world = world
        try checkBookmark(stated ?? 0, epoch: epoch, in: world)
        let bound = PageBound(entries: limit, bytes: WireLimits.logPageBytes)
        let page = try await engine.log(after: stated, atMost: bound)
        let filter = LogFilter(subject: query["subject"], author: query["author"])
        let rows = page.parts.compactMap { part -> JSONValue? in
            let entries = part.entries.filter { filter.admits($0, of: part) && author.maySee($0, in: world) }
            guard !entries.isEmpty else { return nil }
            return .object(
                [
                    "first": .integer(Int64(part.firstSeq)), "last": .integer(Int64(part.lastSeq)),
                    "author": .string(part.header.author), "received": .integer(part.header.received),
                    "entries": .array(entries.map(\.json)),
                ].merging(author.mayReadWords(of: part, in: world) ? part.header.words : [:]) { $1 })
        }
        var answer: [String: JSONValue] = [
            "transactions": .array(rows), "epoch": .integer(Int64(world.epoch)),
            "next": .integer(Int64(page.next)), "head": .integer(Int64(world.seq)),
        ]
        answer["floor"] = page.floor.map { .integer(Int64($0.seq)) }
        return Answer.json(.object(answer))
    }

    /// Ends early when the server goes down, so that no reader holds it up.
    private func waitForNews(after seq: Seq, seconds: Int) async {
        guard world.seq <= seq else { return }
        await cancelWhenGracefulShutdown {
            await engine.waitForNews(after: seq, atMost: .seconds(seconds))
        }
    }

    /// A bookmark of another incarnation of the log, or of what this one has not got, says that a backup was restored.
    private func checkBookmark(_ seq: Seq, epoch: UInt64?, in world: World) throws(Problem) {
        guard let epoch, epoch != world.epoch || seq > world.seq else { return }
        throw Problem(
            409, "log-restored",
            "the bookmark \(epoch).\(seq) is not of this log, which is at \(world.epoch).\(world.seq): a backup was "
                + "restored; read again from a position you trust")
    }

    /// `GET /v1/tokens`: what was issued, never the tokens themselves.
    func tokens(_ request: Request) throws -> Response {
        let author = try author(request)
        let scope = try scope(try Query(request, known: ["under"]), author)
        let now = engine.now()
        let rows = world.issuedTokens.filter { scope.contains($0.grant.unit) }.map { token in
            JSONValue.object([
                "token": .string(token.id.description), "unit": .string(token.grant.unit.text),
                "tags": token.grant.tags.json, "uses": .integer(Int64(token.grant.uses)),
                "left": .integer(Int64(token.usesLeft)), "expires": .integer(token.grant.expires),
                "revoked": .bool(token.isRevoked), "state": .string(token.state(at: now).rawValue),
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

/// Which entries a tail is of.
private struct LogFilter {
    /// What the subject begins with: `policy/`, `device/d12`.
    let subject: String?
    let author: String?

    func admits(_ entry: Entry, of part: TransactionPart) -> Bool {
        (subject.map { entry.subject.hasPrefix($0) } ?? true) && (author.map { $0 == part.header.author } ?? true)
    }
}

extension Entry {
    fileprivate var json: JSONValue {
        var members = changeJSON.object ?? [:]
        members["subject"] = .string(subject)
        members["base"] = .integer(Int64(base))
        members["leaf"] = .string(leaf.description)
        return .object(members)
    }
}

extension Operator {
    /// A change that also concerns others keeps its words for those who may see all of it: of one that does not stand
    /// whole in a page, for its author and for who sees everything.
    fileprivate func mayReadWords(of part: TransactionPart, in world: World) -> Bool {
        if unit == .root || part.header.author == name.text { return true }
        return part.isWhole && part.entries.allSatisfy { maySee($0, in: world) }
    }
}

extension Transaction.Header {
    fileprivate var words: [String: JSONValue] {
        ["intent": .string(intent), "reason": .string(reason ?? "")]
    }
}
