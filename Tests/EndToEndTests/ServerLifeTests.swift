import Foundation
import SyncClient
import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// How the real server starts, refuses to start, and stops.
@Suite struct ServerLifeTests {
    @Test func `it stops with 1,000 parked polls, and answers each`() async throws {
        let server = try await RunningServer.founded()
        let token = TestDevice.secret("token", 1)
        guard let unit = OrgPath("/g") else { return }
        let grant = EnrolmentToken(
            hash: Secret.hash(token), unit: unit, tags: [], uses: 2_000, expires: 4_000_000_000_000)
        _ = try await server.client().change(
            ChangeRequest(intent: "1", edits: [.createUnit(unit), .issueToken(grant)]))
        var parked: [DeviceConnection] = []
        for number in 0..<1_000 {
            let connection = try DeviceConnection(port: server.agentPort)
            let device = TestDevice(credential: TestDevice.secret("parked", number))
            #expect(try await device.enrol(token: token, over: connection).status == 200)
            try await device.checkIn(over: connection)
            try device.ask(over: connection, wait: 200)
            parked.append(connection)
        }
        #expect(parked.allSatisfy { !$0.hasAnswer(within: 0) })
        #expect(server.stop() == 0)
        for connection in parked { #expect(try await connection.answer(within: 1_000).status == 304) }
    }

    @Test func `a second server on the same store ends at once`() async throws {
        let server = try await RunningServer.founded()
        let second = try await RunningServer.run(
            "consigned", ["serve", "--store", server.store, "--agent", "127.0.0.1:0", "--operator", "127.0.0.1:0"])
        #expect(second.exitCode == 75)
        #expect(second.errors.contains("another server has the store"))
    }

    @Test func `what it makes is for its owner alone`() async throws {
        let server = try await RunningServer.founded()
        for path in [server.tokenFile, server.store, server.store + "-wal"] {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(path)")
        }
    }

    @Test(arguments: [
        (["serve", "--store", "/nowhere/a.sqlite"], 74, "does not exist"),
        (["serve"], 64, "--store"),
        (["serve", "--store", "x", "--agent", "0.0.0.0:1"], 64, "--insecure"),
        (["serve", "--store", "x", "--operator", "localhost"], 64, "--operator"),
        (["serve", "--store", "x", "--log-level", "loud"], 64, "--log-level"),
        (["serve", "--store", "x", "--longest-wait", "241"], 64, "--longest-wait"),
        (["serve", "--store", "x", "--device-pace", "-1"], 64, "--device-pace"),
        (["serve", "--store", "x", "--trusted-proxy", "proxy.example"], 64, "--trusted-proxy"),
        (["init", "--store", "/nowhere/a.sqlite", "--admin-token", "/nowhere/t"], 73, "/nowhere"),
        (["init", "--store", "x", "--admin-token", "t", "--admin", "Not A Name"], 64, "--admin"),
        (["dance"], 64, "dance"),
    ])
    func `it says why it does not start`(arguments: [String], exitCode: Int32, words: String) async throws {
        let outcome = try await RunningServer.run("consigned", arguments)
        #expect(outcome.exitCode == exitCode)
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }

    @Test func `it replaces nothing`() async throws {
        let server = try await RunningServer.founded()
        let again = try await RunningServer.run(
            "consigned", ["init", "--store", server.store, "--admin-token", server.folder.path("other")])
        #expect(again.exitCode == 73)
        let token = try await RunningServer.run(
            "consigned", ["init", "--store", server.folder.path("b.sqlite"), "--admin-token", server.tokenFile])
        #expect(token.exitCode == 73)
    }

    @Test func `a token that cannot be written leaves no store behind`() async throws {
        let folder = try TemporaryFolder()
        let store = folder.path("a.sqlite")
        let first = try await RunningServer.run("consigned", ["init", "--store", store, "--admin-token", "/nowhere/t"])
        #expect(first.exitCode == 73)
        #expect(!FileManager.default.fileExists(atPath: store))
        let second = try await RunningServer.run(
            "consigned", ["init", "--store", store, "--admin-token", folder.path("t")])
        #expect(second.exitCode == 0)
    }

    @Test(arguments: [true, false])
    func `a port in use is told`(isAgents: Bool) async throws {
        let server = try await RunningServer.founded()
        let other = try await RunningServer.run(
            "consigned", ["init", "--store", server.folder.path("b.sqlite"), "--admin-token", server.folder.path("t")])
        #expect(other.exitCode == 0)
        let (agent, `operator`) = isAgents ? (server.agentPort, 0) : (0, server.operatorPort)
        let outcome = try await RunningServer.run(
            "consigned",
            [
                "serve", "--store", server.folder.path("b.sqlite"), "--agent", "127.0.0.1:\(agent)",
                "--operator", "127.0.0.1:\(`operator`)",
            ])
        #expect(outcome.exitCode == 69)
        #expect(outcome.errors.contains(isAgents ? "agent port" : "operator port"), "\(outcome.errors)")
    }
}
