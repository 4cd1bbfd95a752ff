import Foundation
import SyncClient
import SyncCore
import SyncProtocol
import SyncStore
import SyncStoreSQLite
import SyncStoreTesting
import TestSupport
import Testing

/// The shipped server on a log of which the older half is a month old: what it forgets, what it says of that.
@Suite struct CompactionRouteTests {
    private static let policy = "/:old"

    @Test func `what was forgotten is 410 with the floor, and everything else goes on`() async throws {
        let server = try await RunningServer.founded(serving: false)
        let floor = try await age(server)
        try server.start(["--retention-days", "30", "--believe-clock"])
        try await waitForFloor(floor, server)
        try await publish(server, 900)
        for restart in 0..<2 {
            try await expectRefusals(server, floor)
            try await expectWhatIsLeft(server, floor)
            guard restart == 0 else { break }
            server.killAtOnce()
            try server.start(["--retention-days", "30", "--believe-clock"])
        }
        let backup = server.folder.path("backup.sqlite")
        let made = try await RunningServer.run("consigned", ["backup", "--store", server.store, "--to", backup])
        #expect(made.exitCode == 0, "\(made.errors)")
        #expect(server.stop() == 0)
        try FileManager.default.removeItem(atPath: server.store)
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: server.store + suffix) }
        let restored = try await RunningServer.run("consigned", ["restore", "--store", server.store, "--from", backup])
        #expect(restored.exitCode == 0, "\(restored.errors)")
        try server.start()
        try await expectRefusals(server, floor)
        try await expectWhatIsLeft(server, floor)
    }

    @Test func `a backup of a log that begins at its head is whole, and a damaged state is not served`() async throws {
        let server = try await RunningServer.founded(serving: false)
        _ = try await age(server)
        try server.start(["--retention-days", "1", "--believe-clock"])
        let head = try await server.client().get("/v1/log", [("limit", "1")])["head"]?.integer ?? 0
        try await waitForFloor(Seq(head), server)
        let backup = server.folder.path("backup.sqlite")
        let made = try await RunningServer.run("consigned", ["backup", "--store", server.store, "--to", backup])
        #expect(made.exitCode == 0 && made.output.contains(".\(head)"), "\(made.errors)")
        #expect(server.stop() == 0)
        let outcome = try await RunningServer.run(
            "consigned", ["restore", "--store", server.store + "2", "--from", backup])
        #expect(outcome.exitCode == 0 && outcome.output.contains("last change is of 20"), "\(outcome.output)")
        let store = try SQLiteStore(path: server.store)
        let (last, floor) = try await store.read { (try $0.head().seq, try $0.floor()) }
        try await store.append([Self.transaction(last + 1, "one more", received: 1)])
        let next = Floor(seq: last + 1, received: 1, state: floor?.state ?? Digest(hashing: [1]))
        #expect(try await store.compact(to: next, replacing: floor, state: [[1, 2, 3]]))
        try store.close()
        let refused = try await RunningServer.run("consigned", ["serve", "--store", server.store])
        #expect(refused.exitCode == 74 && refused.errors.contains("is damaged"), "\(refused.errors)")
        let copied = try await RunningServer.run(
            "consigned", ["backup", "--store", server.store, "--to", server.folder.path("bad.sqlite")])
        #expect(copied.exitCode == 74 && copied.errors.contains("is damaged"), "\(copied.errors)")
    }

    @Test func `days that make no sense are refused`() async throws {
        for days in ["0", "3651", "-1", "many"] {
            let outcome = try await RunningServer.run("consigned", ["serve", "--store", "x", "--retention-days", days])
            #expect(outcome.exitCode == 64, "\(days): \(outcome.errors)")
        }
    }

    /// Writes a policy 40, 35, 20 and 10 days ago; gives the position of the second.
    private func age(_ server: RunningServer) async throws -> Seq {
        let policy = try #require(PolicyReference(Self.policy))
        let aged = try await AgedStore(server)
        var floor: Seq = 0
        for (index, days) in [Int64(40), 35, 20, 10].enumerated() {
            var edits = [Edit.putPolicy(policy, .object(["maximumTimeToLock": .integer(Int64(index + 1) * 100)]))]
            if index == 0 { edits.append(.bind(policy, .unit(.root), nil)) }
            let seq = try await aged.change(edits, daysAgo: days)
            if days == 35 { floor = seq }
        }
        try aged.close()
        return floor
    }

    private static func transaction(
        _ seq: Seq, _ intent: String, received: Int64
    ) -> Transaction {
        let header = Transaction.Header(
            author: "system", intent: intent, reason: nil, reasonSalt: nil, received: received,
            request: Digest(hashing: [1]))
        let entry = Entry(
            seq: seq, subject: "unit/aged", key: "created", operation: .set, value: .bool(true), base: 0,
            outcome: .applied, salt: nil, leaf: Digest(hashing: [2]))
        return Transaction(firstSeq: seq, header: header, entries: [entry])
    }

    private func waitForFloor(_ floor: Seq, _ server: RunningServer) async throws {
        for _ in 0..<1_000 {
            if try await server.client().get("/v1/status")["floor"] == .integer(Int64(floor)) { return }
        }
        Issue.record("the log was not compacted to \(floor)")
    }

    private func publish(_ server: RunningServer, _ value: Int64) async throws {
        let policy = try #require(PolicyReference(Self.policy))
        let head = try await server.client().get("/v1/log", [("limit", "1")])["head"]?.integer ?? 0
        let body = JSONValue.object(["maximumTimeToLock": .integer(value)])
        _ = try await server.client().change(
            ChangeRequest(intent: "young", base: Seq(head), edits: [.putPolicy(policy, body)]))
    }

    private func expectRefusals(_ server: RunningServer, _ floor: Seq) async throws {
        let client = try server.client()
        let early = ["\(floor - 1)", "1", "2020-01-01T00:00:00Z"]
        let paths = ["/v1/policy", "/v1/policies", "/v1/assignments"]
        let asked =
            paths.flatMap { path in
                early.map { (path, [("at", $0)] + (path == "/v1/policy" ? [("name", Self.policy)] : [])) }
            }
            + [("/v1/log", [("after", "\(floor - 1)")]), ("/v1/log", [("after", "0")])]
        for (path, query) in asked {
            do throws(OperatorClient.Failure) {
                _ = try await client.get(path, query)
                Issue.record("\(path) \(query) is answered")
            } catch {
                guard case .refused(let refusal) = error else { throw error }
                #expect(refusal.status == 410 && refusal.code == "compacted" && refusal.isDefinite, "\(path)")
                #expect(refusal.detail.contains("from position \(floor) on"), "\(refusal.detail)")
                #expect(refusal.floor == floor, "\(path)")
            }
        }
        let commands = [
            ["log", "--since", "\(floor - 1)"], ["policies", "get", Self.policy, "--at", "2020-01-01"],
            ["policies", "rollback", Self.policy, "--to", "\(floor - 1)", "--yes"],
        ]
        for arguments in commands {
            let outcome = try await consigne(server, arguments)
            #expect(outcome.exitCode == 65 && outcome.errors.contains("kept from position \(floor) on"), "\(outcome)")
        }
    }

    private func expectWhatIsLeft(_ server: RunningServer, _ floor: Seq) async throws {
        let client = try server.client()
        let then = try await client.get("/v1/policy", [("name", Self.policy), ("at", "\(floor)")])
        #expect(then["body"]?["settings"]?["maximumTimeToLock"] == .integer(200))
        let log = try await client.get("/v1/log")
        #expect(log["floor"] == .integer(Int64(floor)))
        let first = log["transactions"]?.array?.first?["first"]
        #expect(first == .integer(Int64(floor + 1)))
        #expect(try await client.get("/v1/log", [("after", "\(floor)")])["transactions"] == log["transactions"])
        let history = try await client.get("/v1/policy/history", [("name", Self.policy)])
        #expect(history["floor"] == .integer(Int64(floor)) && history["history"]?.array?.count == 3)
        let shown = try await consigne(server, ["policies", "history", Self.policy])
        #expect(shown.output.contains("kept from position \(floor) on"), "\(shown.output)")
        #expect(try await consigne(server, ["log"]).exitCode == 0)
        #expect(try await consigne(server, ["status"]).output.contains("from position \(floor) on"))
        let policy = try await client.get("/v1/policy", [("name", Self.policy)])
        #expect(policy["body"]?["settings"]?["maximumTimeToLock"] == .integer(900))
    }

    private func consigne(_ server: RunningServer, _ arguments: [String]) async throws -> RunningServer.Outcome {
        try await RunningServer.run(
            "consigne", arguments + ["--server", server.operatorURL, "--token-file", server.tokenFile])
    }
}
