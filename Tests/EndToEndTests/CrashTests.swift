import Foundation
import SyncClient
import SyncCore
import SyncProtocol
import Synchronization
import TestSupport
import Testing

/// The real server killed at seeded instants, under load: what it acknowledged is there afterwards.
@Suite(.serialized) struct CrashTests {
    /// What the server acknowledged, by intent, with the position it gave.
    private struct Acknowledged: Sendable {
        var changes: [(request: ChangeRequest, seq: Int64)] = []
        var devices: [(number: Int, id: String)] = []
        var edits: [(device: String, name: String)] = []
    }

    /// What several writers share while the server lives.
    private final class Tally: Sendable {
        let acknowledged = Mutex(Acknowledged())
        let count = Atomic<Int>(0)
        let isDead = Atomic<Bool>(false)
        /// Writers still at work: when the last has given up, no more will be acknowledged.
        let writers = Atomic<Int>(5)
    }

    private static let instants = 50
    private static let token = TestDevice.secret("token", 0)

    @Test func `50 kills lose nothing that was acknowledged`() async throws {
        var generator = SeededGenerator(for: "50 kills lose nothing that was acknowledged")
        let server = try await RunningServer.founded()
        let base = try await found(server)
        var all = Acknowledged()
        var lastSeq: Int64 = 0
        for instant in 0..<Self.instants {
            let target = Int.random(in: 1...40, using: &generator)
            let got = try await load(server, instant: instant, until: target)
            all.changes += got.changes
            all.devices += got.devices
            all.edits += got.edits
            try server.start()
            let log = try await server.client().get("/v1/log", [("limit", "1")])
            let head = log["head"]?.integer ?? 0
            #expect(log["epoch"] == base, "the epoch is the log's for life")
            #expect(head >= max(lastSeq, all.changes.map(\.seq).max() ?? 0), "the log went back")
            lastSeq = head
            try await check(got, server)
        }
        try await check(all, server)
        try await converge(all.devices, server)
        let conflicts = try await server.client().get("/v1/conflicts")["conflicts"]?.array ?? []
        #expect(conflicts.allSatisfy { ($0["siblings"]?.array?.count ?? 9) <= 8 })
        // What stands open at the end is chance; that edits crossed is not.
        #expect(try await outcomes(server).isSuperset(of: ["applied", "merged", "forced", "sibling"]))
        #expect(server.stop() == 0)
        print(
            "acknowledged over \(Self.instants) kills: \(all.changes.count) changes, \(all.devices.count) enrolments, "
                + "\(all.edits.count) user edits")
        #expect(all.changes.count > Self.instants / 2)
    }

    /// A unit, a token, a policy; gives the log's epoch.
    private func found(_ server: RunningServer) async throws -> JSONValue? {
        let client = try server.client()
        guard let unit = OrgPath("/g"), let policy = PolicyReference("/g:base") else { return nil }
        let grant = EnrolmentToken(
            hash: Secret.hash(Self.token), unit: unit, tags: [], uses: 100_000, expires: 4_000_000_000_000)
        _ = try await client.change(
            ChangeRequest(
                intent: "found",
                edits: [
                    .createUnit(unit), .issueToken(grant), .putPolicy(policy, .object([:])),
                    .bind(policy, .unit(unit), nil),
                ]))
        return try await client.get("/v1/log", [("limit", "1")])["epoch"]
    }

    /// Writes from several sides until so many writes are acknowledged, then kills the server in the middle of the rest.
    private func load(_ server: RunningServer, instant: Int, until target: Int) async throws -> Acknowledged {
        let tally = Tally()
        let client = try server.client()
        let port = server.agentPort
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    defer { tally.writers.wrappingSubtract(1, ordering: .relaxed) }
                    guard var seen = try? await client.get("/v1/log", [("limit", "1")])["head"]?.integer else { return }
                    for index in 0..<1_000 where !tally.isDead.load(ordering: .relaxed) {
                        let request = Self.change(instant, writer, index, base: Seq(seen))
                        let receipt: JSONValue
                        do throws(OperatorClient.Failure) {
                            receipt = try await client.change(request)
                        } catch .refused(let refusal) where refusal.isDefinite {
                            continue
                        } catch {
                            return
                        }
                        seen = receipt["seq"]?.integer ?? seen
                        tally.acknowledged.withLock { $0.changes.append((request, receipt["seq"]?.integer ?? 0)) }
                        tally.count.wrappingAdd(1, ordering: .relaxed)
                    }
                }
            }
            group.addTask {
                defer { tally.writers.wrappingSubtract(1, ordering: .relaxed) }
                guard let connection = try? DeviceConnection(port: port) else { return }
                for index in 0..<1_000 where !tally.isDead.load(ordering: .relaxed) {
                    let number = instant * 1_000 + index
                    let device = TestDevice(credential: TestDevice.secret("device", number))
                    guard let answer = try? await device.enrol(token: Self.token, over: connection),
                        answer.status == 200,
                        let id = try? JSONReader.read(answer.body)["device"]?.string
                    else { return }
                    tally.acknowledged.withLock { $0.devices.append((number, id)) }
                    tally.count.wrappingAdd(1, ordering: .relaxed)
                    // Its user does something, and an operator does something for him.
                    let own = try? await Self.edit(device, "own-\(number)", over: connection)
                    if own == true { tally.acknowledged.withLock { $0.edits.append((id, "own-\(number)")) } }
                    let other = Self.editElsewhere(id, "other-\(number)")
                    if let other, (try? await client.change(other)) != nil {
                        tally.acknowledged.withLock { $0.edits.append((id, "other-\(number)")) }
                    }
                }
            }
            while tally.count.load(ordering: .relaxed) < target, tally.writers.load(ordering: .relaxed) > 0 {
                await Task.yield()
            }
            server.killAtOnce()
            tally.isDead.store(true, ordering: .relaxed)
        }
        return tally.acknowledged.withLock { $0 }
    }

    private static func change(_ instant: Int, _ writer: Int, _ index: Int, base: Seq) -> ChangeRequest {
        // Two writers share a policy; some of them have not looked, so that edits merge, are forced and kept aside.
        let mode = [ConflictMode.strict, .merge, .force, .merge][index % 4]
        let body = JSONValue.object([
            "maximumTimeToLock": .integer(Int64(instant * 1_000 + index + 1)),
            "accountTypesWithManagementDisabled": .array([.string("w\(writer)"), .string("i\(index % 5)")]),
        ])
        var edits: [Edit] = []
        if let policy = PolicyReference("/g:p\(writer / 2)") { edits.append(.putPolicy(policy, body)) }
        if index % 3 == 0, let unit = OrgPath("/g/u\(instant)-\(writer)-\(index)") { edits.append(.createUnit(unit)) }
        return ChangeRequest(
            intent: "i\(instant)-w\(writer)-\(index)", reason: "load", mode: mode,
            base: mode == .strict ? base : base / 2, edits: edits)
    }

    /// The device's first edit; true when it is applied.
    private static func edit(
        _ device: TestDevice, _ name: String, over connection: DeviceConnection
    ) async throws -> Bool {
        let body = """
            {"have":"0.0.-","user":{"revision":0},"edits":[{"n":1,"key":"user.favouriteApps","op":"add",\
            "value":["\(name)"],"seen":0}]}
            """
        try connection.request("POST", "/v1/sync", [("Authorization", "Bearer \(device.credential)")], body: body)
        let answer = try JSONReader.read(try await connection.answer().body)
        return answer["edits"]?.array?.first?["result"] == .string("applied")
    }

    private static func editElsewhere(_ id: String, _ name: String) -> ChangeRequest? {
        DeviceID(id).map { device in
            let edit = UserEdit("user.favouriteApps", .add, .array([.string(name)]))
            return ChangeRequest(intent: "user-\(name)", edits: [.editUser(device, edit)])
        }
    }

    /// Every acknowledged change is answered from the log, at the position it had; every device is who it was.
    private func check(_ acknowledged: Acknowledged, _ server: RunningServer) async throws {
        let client = try server.client()
        for (request, seq) in acknowledged.changes {
            let again = try await client.change(request)
            #expect(again["replay"] == .bool(true), "\(request.intent) was acknowledged and is gone")
            #expect(again["seq"]?.integer == seq, "\(request.intent)")
        }
        for (id, name) in acknowledged.edits {
            let user = try await client.get("/v1/devices/\(id)/user")
            let held = user["settings"]?["user.favouriteApps"]?["value"]?.array ?? []
            #expect(held.contains(.string(name)), "\(name) on \(id) was acknowledged and is gone")
        }
        let connection = try DeviceConnection(port: server.agentPort)
        for (number, id) in acknowledged.devices {
            let device = TestDevice(credential: TestDevice.secret("device", number))
            let answer = try await device.enrol(token: Self.token, over: connection)
            #expect(try JSONReader.read(answer.body)["device"]?.string == id)
        }
    }

    /// What became of writes to policies, over the whole log.
    private func outcomes(_ server: RunningServer) async throws -> Set<String> {
        let client = try server.client()
        var outcomes: Set<String> = []
        var (after, head): (Int64, Int64) = (0, 1)
        while after < head {
            let page = try await client.get(
                "/v1/log", [("after", String(after)), ("limit", "1000"), ("subject", "policy/")])
            for transaction in page["transactions"]?.array ?? [] {
                outcomes.formUnion((transaction["entries"]?.array ?? []).compactMap { $0["outcome"]?.string })
            }
            (after, head) = (page["next"]?.integer ?? .max, page["head"]?.integer ?? 0)
        }
        return outcomes
    }

    /// Devices end with what the server says they must hold.
    private func converge(_ devices: [(number: Int, id: String)], _ server: RunningServer) async throws {
        let client = try server.client()
        let connection = try DeviceConnection(port: server.agentPort)
        for (number, id) in devices.suffix(100) {
            let device = TestDevice(credential: TestDevice.secret("device", number))
            try await device.checkIn(over: connection)
            try await device.report(over: connection)
            let shown = try await client.get("/v1/devices/\(id)")
            #expect(shown["policy"]?["must"]?.string == device.have.digest?.description)
            #expect(shown["policy"]?["standing"] == .string("in sync"))
        }
    }
}
