import Logging
import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore
import Synchronization
import TestSupport
import Testing

/// An engine that runs, with two agencies and an admin.
struct Bench {
    let engine: Engine
    let store: any Store
    let admin: Operator
    let clock: TestClock

    static let maker = "bench"
    static let now: Int64 = 1_764_000_000_000
    static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Two writes are made before the body, where the store is new: the founding, and the units.
    static func with(
        _ store: any Store = MemoryStore(epoch: 1), clock: TestClock = TestClock(now),
        pack: @escaping PackedBytes.Packer = { _ in nil },
        _ body: @escaping (Bench) async throws -> Void
    ) async throws {
        let catalog = try Catalog.embedded()
        let name = try #require(OperatorName("admin"))
        let isNew = try await store.read { try $0.head() }.seq == 0
        if isNew {
            try await Founding.write(
                to: store, catalog: catalog, admin: name, tokenHash: Digest(hashing: [1]), now: now)
        }
        let engine = try await Engine.open(
            store, catalog: catalog, maker: maker, logger: logger, pack: pack, now: { clock.now },
            running: { clock.running })
        let bench = Bench(
            engine: engine, store: store, admin: Operator(name: name, role: .admin, unit: .root), clock: clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run() }
            if isNew {
                try await bench.change([.createUnit(try bench.path("/g")), .createUnit(try bench.path("/p"))])
            }
            try await body(bench)
            engine.close()
            try await group.waitForAll()
        }
    }

    func path(_ text: String) throws -> OrgPath { try #require(OrgPath(text)) }

    @discardableResult
    func change(
        _ edits: [Edit], intent: String? = nil, plan: Engine.PlanReference? = nil
    ) async throws(Refusal) -> Receipt {
        try await engine.apply(changeSet(edits, intent: intent), by: admin, plan: plan)
    }

    /// A change set whose author has seen all there is.
    func changeSet(_ edits: [Edit], intent: String? = nil) -> ChangeSet {
        let request = Digest(hashing: CanonicalWriter.bytes(of: .array(edits.map(\.json))))
        let seq = engine.snapshot.world.seq
        return ChangeSet(
            intent: intent ?? "\(request.short)-\(seq)", reason: nil, base: seq, edits: edits, request: request)
    }

    func plan(_ edits: [Edit]) async throws(Refusal) -> Plan {
        try await engine.plan(changeSet(edits), by: admin)
    }

    /// A delivered terminal whose token is its number.
    func row(_ number: Int, _ unit: String, token: Int? = nil) -> Provision {
        Provision(
            serial: "S\(number)", model: "M", unit: OrgPath(unit) ?? .root, tags: [], tokenHash: hash(token ?? number),
            expires: Self.now * 2)
    }

    /// What a device reports, until it is durable.
    func take(_ report: StoredReport, facts: Facts? = nil, of device: Device) async throws -> DeviceReceipt {
        try await withCheckedThrowingContinuation { continuation in
            engine.take(report, facts: facts, nil, of: device) { continuation.resume(with: $0) }
        }
    }

    /// A report that says nothing but its number.
    func report(_ number: UInt64, of device: Device) -> StoredReport {
        StoredReport(
            device: device.id, enrolment: device.enrolment, number: number, held: nil, failed: nil,
            received: Self.now, body: Array(#"{"n":\(number)}"#.utf8))
    }

    func enrol(_ token: Int, credential: Int, facts: Facts = .none) async throws -> Device {
        try await withCheckedThrowingContinuation { continuation in
            engine.enrol(tokenHash: hash(token), credentialHash: hash(-1 - credential), serial: nil, facts: facts) {
                continuation.resume(with: $0)
            }
        }
    }

    func hash(_ number: Int) -> Digest { Digest(hashing: Array("\(number)".utf8)) }
}

/// Time that passes only when a test says so.
final class TestClock: Sendable {
    private let time: Mutex<(wall: Int64, running: Int64)>

    init(_ time: Int64) { self.time = Mutex((time, 0)) }

    var now: Int64 { time.withLock(\.wall) }
    var running: Int64 { time.withLock(\.running) }

    func advance(milliseconds: Int64) {
        time.withLock { $0 = ($0.wall + milliseconds, $0.running + milliseconds) }
    }

    /// Somebody sets the clock.
    func jump(milliseconds: Int64) { time.withLock { $0.wall += milliseconds } }
}
