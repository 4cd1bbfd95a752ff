import Logging
import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore
import TestSupport
import Testing

@testable import SyncServer

/// The engine on the memory store, with the real agent listener on a port, in this process.
struct TestServer {
    let engine: Engine
    let listener: AgentListener
    let admin: Operator
    let token = TestDevice.secret("token", 7)
    private static let now: Int64 = 1_764_000_000_000

    /// Runs a body against a server with a unit, a token for it, and an empty policy bound at the root.
    static func with(
        _ store: any Store = MemoryStore(epoch: 3),
        settings: AgentSettings = AgentSettings(threads: 2, maximumConnections: 4_000),
        identity: TLSIdentity? = nil,
        pack: @escaping PackedBytes.Packer = GzipMember.pack,
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let catalog = try Catalog.embedded()
        let name = try #require(OperatorName("admin"))
        let unit = try #require(OrgPath("/g"))
        let policy = try #require(PolicyReference("/:base"))
        let isNew = try await store.read { try $0.head().seq == 0 }
        if isNew {
            try await Founding.write(
                to: store, catalog: catalog, admin: name, tokenHash: Digest(hashing: [1]), now: now)
        }
        let engine = try await Engine.open(store, catalog: catalog, logger: logger, pack: pack, now: { now })
        let listener = try await AgentListener.open(
            host: "127.0.0.1", port: 0, engine: engine, logger: logger, settings: settings, identity: identity,
            proxies: TrustedProxies([TrustedProxies.Range("127.0.0.1")].compactMap { $0 }), now: { now })
        let server = TestServer(
            engine: engine, listener: listener, admin: Operator(name: name, role: .admin, unit: .root))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run() }
            let grant = EnrolmentToken(
                hash: Digest(hashing: Array(server.token.utf8)), unit: unit, tags: [], uses: 10_000, expires: now * 2)
            if isNew {
                try await server.change([
                    .createUnit(unit), .issueToken(grant), .putPolicy(policy, .object([:])),
                    .bind(policy, .unit(.root), nil),
                ])
            }
            try await body(server)
            await listener.shutDown()
            engine.close()
            try await group.waitForAll()
        }
    }

    @discardableResult
    func change(_ edits: [Edit], intent: String? = nil) async throws -> Receipt {
        let json = JSONValue.array(edits.map(\.json))
        let name = intent ?? "\(engine.snapshot.world.seq)-\(Digest(hashing: CanonicalWriter.bytes(of: json)).short)"
        return try await engine.apply(
            ChangeSet(
                intent: name, reason: nil, base: engine.snapshot.world.seq, edits: edits,
                request: Digest(hashing: CanonicalWriter.bytes(of: json))),
            by: admin)
    }

    /// The same for an author who wants the refusal.
    func apply(_ edits: [Edit]) async throws(Refusal) -> Receipt {
        let json = JSONValue.array(edits.map(\.json))
        let seq = engine.snapshot.world.seq
        return try await engine.apply(
            ChangeSet(
                intent: "apply-\(seq)", reason: nil, base: seq, edits: edits,
                request: Digest(hashing: CanonicalWriter.bytes(of: json))),
            by: admin)
    }

    /// Writes the policy that is bound at the root.
    func publish(_ settings: [String: JSONValue]) async throws {
        let policy = try #require(PolicyReference("/:base"))
        try await change([.putPolicy(policy, .object(settings))])
    }

    /// Waits until the listener's load is as it must become; fails after half a minute.
    func eventually(_ what: Comment, _ holds: (AgentLoad) -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if holds(await listener.load()) { return }
            await Task.yield()
        }
        Issue.record(what)
    }

    func connection() throws -> DeviceConnection { try DeviceConnection(port: listener.port) }

    /// A device that is enrolled and holds its policy.
    func settled(_ number: Int, over connection: DeviceConnection) async throws -> TestDevice {
        let device = TestDevice(credential: TestDevice.secret("device", number))
        _ = try await device.enrol(token: token, over: connection)
        try await device.checkIn(over: connection)
        return device
    }
}
