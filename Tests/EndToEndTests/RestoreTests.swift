import Foundation
import SyncClient
import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// An old backup under live devices: everybody notices, nobody goes back within an epoch, everybody converges.
@Suite struct RestoreTests {
    private static let token = TestDevice.secret("token", 1)

    @Test func `a restored backup is noticed by devices, tailers and editors`() async throws {
        let server = try await RunningServer.founded()
        try await found(server)
        let devices = (1...5).map { TestDevice(credential: TestDevice.secret("device", $0)) }
        var connection = try DeviceConnection(port: server.agentPort)
        for device in devices {
            #expect(try await device.enrol(token: Self.token, over: connection).status == 200)
            try await device.checkIn(over: connection)
        }
        let backup = server.folder.path("backup.sqlite")
        let made = try await RunningServer.run("consigned", ["backup", "--store", server.store, "--to", backup])
        #expect(made.exitCode == 0, "\(made.errors)")
        let again = try await RunningServer.run("consigned", ["backup", "--store", server.store, "--to", backup])
        #expect(again.exitCode == 73, "it replaces nothing")

        let file = server.folder.path("policy.json")
        let read = try await consigne(server, "policies", "get", "/:base")
        try Data(read.output.utf8).write(to: URL(fileURLWithPath: file))
        try await publish(server, "after the backup", 300, base: try await head(server))
        for device in devices { try await device.checkIn(over: connection) }
        let late = TestDevice(credential: TestDevice.secret("late", 1))
        #expect(try await late.enrol(token: Self.token, over: connection).status == 200)
        try await late.checkIn(over: connection)
        let first = try await server.client().get("/v1/devices")["devices"]?.array?.first?["device"]?.string ?? ""
        #expect(try await consigne(server, "devices", "revoke", first).exitCode == 0)
        let seen = try await position(server)
        let held = devices.map(\.have)

        server.killAtOnce()
        let lost = server.folder.path("lost.sqlite")
        for suffix in ["", "-wal", "-shm", ".head"] where FileManager.default.fileExists(atPath: server.store + suffix)
        {
            try FileManager.default.moveItem(atPath: server.store + suffix, toPath: lost + suffix)
        }
        let restored = try await RunningServer.run(
            "consigned", ["restore", "--store", server.store, "--from", backup, "--lost", lost])
        #expect(restored.exitCode == 0, "\(restored.errors)")
        #expect(
            restored.output.contains("revoke it again") && restored.output.contains("enrolled"), "\(restored.output)")
        try server.start()

        connection = try DeviceConnection(port: server.agentPort)
        for (device, before) in zip(devices, held) {
            let answer = try await device.checkIn(over: connection)
            #expect(try JSONReader.read(answer.body)["result"] == .string("reset"))
            #expect(device.have.epoch > before.epoch && device.document?["maximumTimeToLock"] == .integer(900))
        }
        #expect(try await late.checkIn(over: connection).status == 401, "the restored log does not know it")
        #expect(try await consigne(server, "log", "--since", seen).errors.contains("log-restored"))
        let stale = try await consigne(server, "policies", "put", "/:base", file)
        #expect(stale.exitCode == 65 && stale.errors.contains("restored"), "\(stale.errors)")

        let status = try await consigne(server, "status")
        #expect(status.output.contains("5 in sync,") == false, "nobody has reported yet")
        for device in devices { try await device.report(over: connection) }
        #expect(try await consigne(server, "status").output.contains("5 in sync,"), "\(status.output)")
        try await publish(server, "after the restore", 60, base: try await head(server))
        for device in devices {
            try await device.checkIn(over: connection)
            #expect(device.document?["maximumTimeToLock"] == .integer(60))
        }
    }

    @Test func `what is no backup is not restored`() async throws {
        let folder = try TemporaryFolder()
        let (bad, store) = (folder.path("bad"), folder.path("a.sqlite"))
        try Data("nothing".utf8).write(to: URL(fileURLWithPath: bad))
        for from in [bad, folder.path("missing")] {
            let outcome = try await RunningServer.run("consigned", ["restore", "--store", store, "--from", from])
            #expect(outcome.exitCode == 73, "\(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: store))
        }
    }

    private func found(_ server: RunningServer) async throws {
        guard let policy = PolicyReference("/:base") else { return }
        let grant = EnrolmentToken(
            hash: Secret.hash(Self.token), unit: .root, tags: [], uses: 10, expires: 4_000_000_000_000)
        let body = JSONValue.object(["maximumTimeToLock": .integer(900)])
        _ = try await server.client().change(
            ChangeRequest(
                intent: "found",
                edits: [.issueToken(grant), .putPolicy(policy, body), .bind(policy, .unit(.root), nil)]))
    }

    private func publish(_ server: RunningServer, _ intent: String, _ value: Int64, base: Seq) async throws {
        guard let policy = PolicyReference("/:base") else { return }
        let body = JSONValue.object(["maximumTimeToLock": .integer(value)])
        _ = try await server.client().change(
            ChangeRequest(intent: intent, base: base, edits: [.putPolicy(policy, body)]))
    }

    private func head(_ server: RunningServer) async throws -> Seq {
        Seq(try await server.client().get("/v1/log", [("limit", "1")])["head"]?.integer ?? 0)
    }

    private func position(_ server: RunningServer) async throws -> String {
        let log = try await server.client().get("/v1/log", [("limit", "1")])
        return "\(log["epoch"]?.integer ?? 0).\(log["head"]?.integer ?? 0)"
    }

    private func consigne(_ server: RunningServer, _ arguments: String...) async throws -> RunningServer.Outcome {
        try await RunningServer.run(
            "consigne", arguments + ["--server", server.operatorURL, "--token-file", server.tokenFile])
    }
}
