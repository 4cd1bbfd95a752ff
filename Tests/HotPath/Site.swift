import Logging
import SyncCore
import SyncEngine
import SyncProtocol
import SyncServer
import SyncStore
import TestSupport

/// An engine on the memory store with enrolled devices, whose policy was changed by one setting.
struct Site: Sendable {
    let engine: Engine
    let credentials: [String]
    /// The document before the change, and the one that stands.
    let held: (before: Have, now: Have)

    static let logger = Logger(label: "hot-path", factory: { _ in SwiftLogNoOpLogHandler() })
    static let time: Int64 = 1_764_000_000_000
    private static let policy: [String: JSONValue] = [
        "maximumTimeToLock": .integer(600_000), "smsDisabled": .bool(true), "bluetoothDisabled": .bool(true),
        "applications": .array((0..<40).map { .object(["packageName": .string("fr.example.app\($0)")]) }),
    ]

    struct Failure: Error { let what: String }

    /// Sets it up; the engine commits and resolves until the process ends.
    static func open(devices count: Int) async throws -> Site {
        let catalog = try Catalog.embedded()
        let store = MemoryStore(epoch: 1)
        guard let name = OperatorName("admin"), let unit = OrgPath("/g"), let base = PolicyReference("/:base") else {
            throw Failure(what: "names")
        }
        try await Founding.write(to: store, catalog: catalog, admin: name, tokenHash: Digest(hashing: [1]), now: time)
        let engine = try await Engine.open(
            store, catalog: catalog, logger: logger, pack: GzipMember.pack, now: { time })
        Task.detached { try await engine.run() }
        let admin = Operator(name: name, role: .admin, unit: .root)
        let token = Digest(hashing: [2])
        let grant = EnrolmentToken(hash: token, unit: unit, tags: [], uses: count, expires: time * 2)
        try await engine.change(
            [
                .createUnit(unit), .issueToken(grant), .putPolicy(base, .object(policy)),
                .bind(base, .unit(.root), nil),
            ], by: admin)
        let credentials = (0..<count).map { TestDevice.secret("device", $0) }
        for credential in credentials { try await engine.enrol(token, credential) }
        let before = try await engine.settle(credentials[0])
        let changed = policy.merging(["maximumTimeToLock": .integer(60_000)]) { $1 }
        try await engine.change([.putPolicy(base, .object(changed))], by: admin)
        let now = try await engine.settle(credentials[0])
        await engine.makeDelta(from: before.digest, to: now)
        return Site(
            engine: engine, credentials: credentials,
            held: (
                before: Have(epoch: 1, version: engine.snapshot.world.seq, digest: before.digest),
                now: Have(epoch: 1, version: engine.snapshot.world.seq, digest: now.digest)
            ))
    }
}

extension Engine {
    fileprivate func change(_ edits: [Edit], by author: Operator) async throws {
        let seq = snapshot.world.seq
        let changes = ChangeSet(
            intent: "change-\(seq)", reason: nil, base: seq, edits: edits, request: Digest(hashing: [UInt8(seq)]))
        _ = try await apply(changes, by: author)
    }

    fileprivate func enrol(_ token: Digest, _ credential: String) async throws {
        _ = try await withCheckedContinuation { done in
            enrol(tokenHash: token, credentialHash: Digest(hashing: Array(credential.utf8)), serial: nil, facts: .none)
            {
                done.resume(returning: $0)
            }
        }.get()
    }

    /// Resolves a device's class before it asks.
    fileprivate func settle(_ credential: String) async throws -> Document {
        let snapshot = snapshot
        guard let device = snapshot.world.device(credentialHash: Digest(hashing: Array(credential.utf8))) else {
            throw Site.Failure(what: "a device is not enrolled")
        }
        switch standing(of: device, in: snapshot) {
        case .document(let document): return document
        case .unresolved(let version):
            return await withCheckedContinuation { done in
                whenResolved(version, in: snapshot) { done.resume(returning: $0) }
            }
        }
    }

    fileprivate func makeDelta(from held: Digest, to document: Document) async {
        guard case .unmade = delta(from: held, to: document) else { return }
        await withCheckedContinuation { done in
            whenMade(from: held, to: document, in: snapshot) { done.resume() }
        }
    }
}
