import Foundation
import GRDB
import SyncClient
import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// Rows that cannot be read: who asks for them gets nothing, everything else goes on, and a repair says what it left out.
@Suite struct UnreadableTests {
    @Test func `a server starts without an entry that cannot be read, and a repaired copy is whole`() async throws {
        let server = try await RunningServer.founded()
        let client = try server.client()
        let token = TestDevice.secret("token", 1)
        let (bad, good) = (try #require(PolicyReference("/:bad")), try #require(PolicyReference("/:good")))
        let grant = EnrolmentToken(
            hash: Digest(hashing: Array(token.utf8)), unit: .root, tags: [], uses: 100, expires: 4_000_000_000_000)
        func put(_ policy: PolicyReference, _ milliseconds: Int64) async throws {
            let body = JSONValue.object(["maximumTimeToLock": .integer(milliseconds)])
            _ = try await client.change(
                ChangeRequest(intent: "\(policy) \(milliseconds)", edits: [.putPolicy(policy, body)]))
        }
        try await put(bad, 1_000)
        try await put(good, 2_000)
        _ = try await client.change(
            ChangeRequest(intent: "bind", edits: [.bind(good, .unit(.root), nil), .issueToken(grant)]))
        let connection = try DeviceConnection(port: server.agentPort)
        var devices: [TestDevice] = []
        for number in 1...2 {
            let device = TestDevice(credential: TestDevice.secret("device", number))
            _ = try await device.enrol(token: token, over: connection)
            try await device.checkIn(over: connection)
            let body = JSONValue.object([
                "have": .string(device.have.description), "user": .object(["revision": .integer(0)]),
                "edits": .array([
                    .object([
                        "n": .integer(1), "key": .string("user.language"), "op": .string("set"), "value": .string("br"),
                        "seen": .integer(0),
                    ])
                ]),
            ])
            try connection.request(
                "POST", "/v1/sync", [("Authorization", "Bearer \(device.credential)")],
                body: CanonicalWriter.text(of: body))
            #expect(try await connection.answer().status == 200)
            devices.append(device)
        }
        #expect(server.stop() == 0)

        try? FileManager.default.removeItem(atPath: server.store + ".world")
        let queue = try DatabaseQueue(path: server.store)
        try await queue.write { database in
            try database.execute(
                sql: "UPDATE entry SET value = ? WHERE key = 'maximumTimeToLock' AND CAST(value AS TEXT) LIKE '%1000%'",
                arguments: [Data("{".utf8)])
            #expect(database.changesCount == 1)
            // It can be read, and is not what was written.
            try database.execute(
                sql: "UPDATE entry SET value = ? WHERE key = 'maximumTimeToLock' AND CAST(value AS TEXT) LIKE '%2000%'",
                arguments: [Data(#"{"value":2001}"#.utf8)])
            #expect(database.changesCount == 1)
            try database.execute(
                sql: "UPDATE user_document SET body = ? WHERE device = (SELECT min(device) FROM user_document)",
                arguments: [Data("{".utf8)])
            #expect(database.changesCount == 1)
        }
        try queue.close()

        let (store, copy) = (server.store, server.folder.path("copy"))
        for (command, exitCode) in [
            (["check", "--store", store], Int32(74)), (["backup", "--store", store, "--to", copy], 74),
            (["restore", "--store", copy + "2", "--from", store], 73), (["check", "--store", copy], 74),
        ] {
            let outcome = try await RunningServer.run("consigned", command)
            #expect(outcome.exitCode == exitCode, "\(command): \(outcome.output) \(outcome.errors)")
            guard command[0] == "check" else { continue }
            #expect(outcome.output.contains("it is not what was written"), "\(outcome.output)")
            #expect(outcome.output.contains("it cannot be read"), "\(outcome.output)")
            #expect(outcome.output.contains("3 things are damaged"), "\(outcome.output)")
        }
        #expect(!FileManager.default.fileExists(atPath: copy + "2"))

        try server.start()
        let log = try server.log()
        #expect(log.contains("an entry of the log cannot be read"), "\(log)")
        let again = try server.client()
        #expect(try await again.get("/health/ready")["warnings"] == .array([.string("log-unreadable")]))
        #expect(try await again.get("/v1/policy", [("name", "/:good")])["body"]?["settings"] != .object([:]))
        let page = try await again.get("/v1/log", [("after", "0"), ("limit", "1000")])
        let subjects = (page["transactions"]?.array ?? []).flatMap { $0["entries"]?.array ?? [] }
            .compactMap { $0["subject"]?.string }
        #expect(subjects.count { $0 == "unreadable" } == 1)
        let reconnected = try DeviceConnection(port: server.agentPort)
        let statuses = try await [devices[0].report(over: reconnected), devices[1].report(over: reconnected)]
            .map(\.status)
        #expect(statuses == [200, 200], "a report asks for no user document")
        let head = try #require(page["head"]?.integer)
        let later = Edit.putPolicy(good, .object(["maximumTimeToLock": .integer(3_000)]), base: Seq(head))
        _ = try await again.change(ChangeRequest(intent: "later", edits: [later]))
        #expect(try await devices[1].checkIn(over: reconnected).status == 200)
        await #expect(throws: OperatorClient.Failure.self) {
            try await again.get("/v1/policy/history", [("name", "/:bad")])
        }
        #expect(server.stop() == 0)

        let repaired = server.folder.path("repaired")
        let repair = try await RunningServer.run("consigned", ["repair", "--store", server.store, "--to", repaired])
        #expect(repair.exitCode == 0, "\(repair.errors)")
        #expect(repair.output.contains("maximumTimeToLock") && repair.output.contains("the user document of"))
        let second = try await RunningServer.run(
            "consigned", ["repair", "--store", repaired, "--to", repaired + "2"])
        #expect(second.output.contains("nothing is damaged"), "\(second.output) \(second.errors)")
        for suffix in ["", "-wal", "-shm", ".head"] {
            try? FileManager.default.removeItem(atPath: server.store + suffix)
        }
        try FileManager.default.moveItem(atPath: repaired, toPath: server.store)
        try server.start()
        #expect(try !server.log().contains("cannot be read"))
        let whole = try DeviceConnection(port: server.agentPort)
        #expect(try await devices[0].checkIn(over: whole).status == 200)
        #expect(server.stop() == 0)
    }
}
