import Foundation
import SyncCore
import TestSupport
import Testing

/// Tokens are made before the server learns of them, and none that may be in force is thrown away.
@Suite struct HandOutTests {
    @Test func `what a proxy answered leaves the token, and the same command goes on`() async throws {
        let server = try await RunningServer.founded()
        let folder = try TemporaryFolder()
        let token = folder.path("t")
        let issue = ["tokens", "issue", "/", "--token-out", token, "--expires", "1d"]
        for (answer, exitCode, words) in [
            ("HTTP/1.1 504 Gateway Timeout", Int32(75), "a proxy answered 504"),
            ("HTTP/1.1 401 Unauthorized", 77, "a proxy answered 401"),
            ("HTTP/1.1 500 Internal Server Error", 70, "a proxy answered 500"),
        ] {
            let proxy = try CannedAnswer(answer + "\r\nContent-Length: 6\r\nServer: edge\r\n\r\n<html>")
            let outcome = try await run(issue, server, at: "http://127.0.0.1:\(proxy.port)")
            #expect(outcome.exitCode == exitCode && outcome.errors.contains(words), "\(outcome.errors)")
            #expect(outcome.errors.contains("say the same command again"))
            #expect(files(folder) == ["t", "t.pending"])
        }
        let made = try String(contentsOfFile: token, encoding: .utf8)
        let other = try await run(
            ["tokens", "issue", "/", "--token-out", token, "--uses", "9"], server, at: server.operatorURL)
        #expect(other.exitCode == 65 && other.errors.contains("another change"), "\(other.errors)")
        #expect(files(folder) == ["t", "t.pending"])
        #expect(try await run(issue, server, at: server.operatorURL).exitCode == 0)
        let again = try await run(issue, server, at: server.operatorURL)
        #expect(again.exitCode == 73 && again.errors.contains("cannot be made"), "the file is there: \(again.errors)")
        let kept = try String(contentsOfFile: token, encoding: .utf8)
        #expect(files(folder) == ["t"] && kept == made)
        let tokens = try await server.client().get("/v1/tokens")["tokens"]?.array ?? []
        #expect(tokens.count == 1)
    }

    @Test func `a change that was done before its answer was lost is done once`() async throws {
        let server = try await RunningServer.founded()
        let folder = try TemporaryFolder()
        let lot = folder.path("lot.csv")
        try Data("serial;model;unit;tags\r\nS1;M;/;\r\nS2;M;/;\r\n".utf8).write(to: URL(fileURLWithPath: lot))
        let arguments = ["devices", "import", lot, "--tokens-out", folder.path("tokens.csv")]
        let proxy = try CannedAnswer("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        #expect(try await run(arguments, server, at: "http://127.0.0.1:\(proxy.port)").exitCode == 75)
        // What the proxy had passed on.
        let pending = try JSONReader.read(
            Array(Data(contentsOf: URL(fileURLWithPath: folder.path("tokens.csv.pending")))))
        let connection = try DeviceConnection(port: server.operatorPort)
        try connection.request(
            "POST", "/v1/changes", [("Authorization", "Bearer \(try server.token)")],
            body: CanonicalWriter.text(of: pending))
        #expect(try await connection.answer().status == 200)
        let again = try await run(arguments, server, at: server.operatorURL)
        #expect(again.exitCode == 0, "\(again.errors)")
        #expect(files(folder) == ["lot.csv", "tokens.csv"])
        #expect(try await server.client().get("/v1/devices", [("count", "true")])["total"] == .integer(2))
        let first = try String(contentsOfFile: folder.path("tokens.csv"), encoding: .utf8).split(separator: "\n")[1]
        let token = String(first.split(separator: ",")[1])
        let device = TestDevice(credential: TestDevice.secret("credential", 1))
        let agent = try DeviceConnection(port: server.agentPort)
        #expect(try await device.enrol(token: token, serial: "S1", over: agent).status == 200)
    }

    @Test func `a terminal whose token was lost gets another, and the lost one opens nothing`() async throws {
        let server = try await RunningServer.founded()
        let folder = try TemporaryFolder()
        let lot = folder.path("lot.csv")
        try Data("serial,model,unit,tags\nS1,M,/,\n".utf8).write(to: URL(fileURLWithPath: lot))
        let (lost, found) = (folder.path("lost.csv"), folder.path("found.csv"))
        let taken = try await run(["devices", "import", lot, "--tokens-out", lost], server, at: server.operatorURL)
        #expect(taken.exitCode == 0, "\(taken.errors)")
        let devices = try await server.client().get("/v1/devices")["devices"]?.array
        let name = try #require(devices?.first?["device"]?.string)
        let again = try await run(
            ["tokens", "reissue", name, "--tokens-out", found], server, at: server.operatorURL)
        #expect(again.exitCode == 0, "\(again.errors)")
        #expect(try await server.client().get("/v1/devices/\(name)")["token"]?["state"] == .string("open"))
        let rows = try String(contentsOfFile: found, encoding: .utf8).split(separator: "\n")
        #expect(rows.first == "device,serial,token" && rows.last?.hasPrefix("\(name),S1,") == true)
        let agent = try DeviceConnection(port: server.agentPort)
        for (file, status) in [(lost, 403), (found, 200)] {
            let token = try #require(
                try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").last?.split(separator: ",")
                    .last)
            let device = TestDevice(credential: TestDevice.secret("credential", 1))
            #expect(try await device.enrol(token: String(token), serial: "S1", over: agent).status == status)
        }
    }

    @Test func `what is refused leaves no file`() async throws {
        let server = try await RunningServer.founded()
        let folder = try TemporaryFolder()
        let outcome = try await run(
            ["tokens", "issue", "/nowhere", "--token-out", folder.path("t")], server, at: server.operatorURL)
        #expect(outcome.exitCode == 65 && outcome.errors.contains("unknown-unit"))
        #expect(files(folder) == [])
    }

    private func run(
        _ arguments: [String], _ server: RunningServer, at address: String
    ) async throws -> RunningServer.Outcome {
        try await RunningServer.run(
            "consigne", arguments + ["--server", address, "--token-file", server.tokenFile],
            environment: ["CONSIGNE_CONTEXTS": server.folder.path("contexts")])
    }

    private func files(_ folder: TemporaryFolder) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path(""))) ?? []).sorted()
    }
}
