import Foundation
import SyncCore
import TestSupport

/// One operator's command line against one server, in a folder of their own.
struct CommandTree {
    let server: RunningServer
    let folder: TemporaryFolder

    init() async throws {
        server = try await RunningServer.founded()
        folder = try TemporaryFolder()
    }

    func callAsFunction(_ arguments: [String], as tokenFile: String? = nil) async throws -> RunningServer.Outcome {
        try await RunningServer.run(
            "consigne", arguments,
            environment: [
                "CONSIGNE_SERVER": server.operatorURL, "CONSIGNE_CONTEXTS": folder.path("contexts"),
                "CONSIGNE_TOKEN_FILE": tokenFile ?? server.tokenFile,
            ])
    }

    /// Its standard output, where it must be JSON.
    func json(_ arguments: [String]) async throws -> JSONValue {
        let outcome = try await self(arguments + ["--output", "json"])
        return try JSONReader.read(Array(outcome.output.utf8), limit: 64 * 1_024 * 1_024)
    }

    func file(_ name: String, _ text: String) throws -> String {
        let path = folder.path(name)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Enrols devices into a unit, with a token that it issues.
    func enrol(_ count: Int, into unit: String, tag: String) async throws {
        let token = folder.path("enrol-\(UUID())")
        _ = try await self(["tokens", "issue", unit, "--uses", "\(count)", "--tag", tag, "--token-out", token])
        let text = try String(contentsOfFile: token, encoding: .utf8).filter { !$0.isWhitespace }
        let connection = try DeviceConnection(port: server.agentPort)
        for _ in 0..<count {
            let device = TestDevice(credential: TestDevice.secret("c", Int.random(in: 1...1_000_000_000)))
            _ = try await device.enrol(token: text, over: connection)
        }
    }

    /// Every command that does something, by its words.
    static func leaves() async throws -> [[String]: Set<String>] {
        let dump = try await RunningServer.run("consigne", ["--experimental-dump-help"])
        var leaves: [[String]: Set<String>] = [:]
        func walk(_ command: [String: Any], _ words: [String]) {
            let inner = (command["subcommands"] as? [[String: Any]] ?? []).filter {
                $0["commandName"] as? String != "help"
            }
            for command in inner { walk(command, words + [command["commandName"] as? String ?? ""]) }
            guard inner.isEmpty else { return }
            let arguments = command["arguments"] as? [[String: Any]] ?? []
            let names = arguments.flatMap { $0["names"] as? [[String: Any]] ?? [] }.compactMap { $0["name"] as? String }
            leaves[words] = Set(names)
        }
        let json = try JSONSerialization.jsonObject(with: Data(dump.output.utf8)) as? [String: Any]
        walk(json?["command"] as? [String: Any] ?? [:], [])
        return leaves
    }
}
