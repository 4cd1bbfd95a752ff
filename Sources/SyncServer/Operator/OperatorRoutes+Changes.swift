import Hummingbird
import NIOCore
import SyncCore
import SyncEngine
import SyncProtocol

extension OperatorRoutes {
    /// `POST /v1/plan`: what the edits would do.
    func plan(_ request: Request, _ context: OperatorContext) async throws -> Response {
        let author = try writer(request)
        return try await withBody(request, context, of: author, for: .plan) { change, digest in
            Answer.json(try await engine.plan(changeSet(change, digest, request), by: author).json)
        }
    }

    /// `POST /v1/changes`: does them, all or none.
    func change(_ request: Request, _ context: OperatorContext) async throws -> Response {
        let author = try writer(request)
        return try await withBody(request, context, of: author, for: .change) { change, digest in
            let changeSet = try changeSet(change, digest, request)
            let plan = change.plan.map { Engine.PlanReference(seq: $0.seq, hash: $0.hash) }
            return Answer.json(try await engine.apply(changeSet, by: author, plan: plan).json)
        }
    }

    /// Who asks, if he may write anything at all: else nothing of what he sends is read.
    private func writer(_ request: Request) throws -> Operator {
        let author = try author(request)
        guard author.role >= .editor else { throw Refusal.denied(.needs(.editor)) }
        return author
    }

    /// Reads the body and does something with it, while its bytes are reserved.
    private func withBody(
        _ request: Request, _ context: OperatorContext, of author: Operator, for use: Engine.BodyUse,
        _ work: (ChangeRequest, Digest) async throws -> Response
    ) async throws -> Response {
        let limit = WireLimits.changeSetBytes
        let announced = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard announced <= limit else { throw Problem.bodyTooLarge(limit) }
        _ = try Query(request, known: [])
        var share = bodies.share(of: author.name)
        context.askForBody()
        var bytes: [UInt8] = []
        for try await part in request.body {
            guard bytes.count + part.readableBytes <= limit else { throw Problem.bodyTooLarge(limit) }
            try share.take(part.readableBytes)
            bytes += part.readableBytesView
        }
        let body = bytes
        let isLarge = body.count >= ServerLimits.largeBodyBytes
        let (change, digest) =
            try isLarge ? await engine.reading(for: use) { try Self.read(body) } : Self.read(body)
        return try await work(change, digest)
    }

    private func changeSet(_ change: ChangeRequest, _ digest: Digest, _ request: Request) throws(Problem) -> ChangeSet {
        let tag = try PolicyTag(ifMatch: request.headers[.ifMatch])
        return ChangeSet(
            intent: change.intent, reason: change.reason, mode: change.mode, base: change.base ?? tag?.revision,
            epoch: change.epoch ?? tag?.epoch, edits: change.edits, request: digest)
    }

    /// The request, and the digest that tells a replay from another request under the same intent.
    private static func read(_ bytes: [UInt8]) throws -> (ChangeRequest, Digest) {
        let json = try JSONReader.read(bytes, limit: WireLimits.changeSetBytes)
        let change = try ChangeRequest(json)
        // The plan is how the author decided, not what he asked for: a retry may carry a newer one.
        let asked = ChangeRequest(
            intent: change.intent, reason: change.reason, mode: change.mode, base: change.base,
            epoch: change.epoch, edits: change.edits)
        return (change, Digest(hashing: CanonicalWriter.bytes(of: asked.json)))
    }
}

extension Receipt {
    /// Subjects listed of one change; a lot has one a terminal.
    private static let subjectsListed = 1_000

    fileprivate var json: JSONValue {
        var created: [JSONValue] = []
        for entry in transaction.entries
        where ["@created", "created", "bound", "issued", "appointed", "provisioned"].contains(entry.key) {
            if entry.operation == .set, created.count < Self.subjectsListed { created.append(.string(entry.subject)) }
        }
        return .object([
            "first": .integer(Int64(transaction.firstSeq)),
            "seq": .integer(Int64(transaction.lastSeq)),
            "entries": .integer(Int64(transaction.entries.count)),
            "changed": .bool(changedAnything),
            "replay": .bool(isReplay),
            "created": .array(created),
            "notes": .array(notes.map(JSONValue.string)),
        ])
    }
}
