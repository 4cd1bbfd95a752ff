import Foundation
import SyncCore
import TestSupport
import Testing

/// Two operators and one policy, through the real command line: edits that cross, history, rollback.
@Suite struct SharedPolicyTests {
    @Test func `edits that cross are told, kept, ended, and can be looked at again`() async throws {
        let server = try await RunningServer.founded()
        func consigne(_ arguments: String..., as who: String? = nil) async throws -> RunningServer.Outcome {
            let token = who.map { server.folder.path($0) } ?? server.tokenFile
            return try await RunningServer.run(
                "consigne", arguments + ["--server", server.operatorURL, "--token-file", token])
        }
        _ = try await consigne("units", "create", "/g")
        for name in ["jean", "eve"] {
            let file = server.folder.path(name)
            let made = try await consigne(
                "operators", "create", name, "--role", "editor", "--unit", "/g", "--token-out", file)
            #expect(made.exitCode == 0, "\(made.errors)")
        }
        let first = try write("{\"settings\":{\"maximumTimeToLock\":90000,\"wipeDataFlags\":[]}}", "first.json", server)
        #expect(try await consigne("policies", "put", "/g:lock", first).exitCode == 0)
        let read = try await consigne("policies", "get", "/g:lock").output
        let mine = try write(read.replacing("90000", with: "60000"), "mine.json", server)
        let hers = try write(
            read.replacing("90000", with: "30000").replacing(
                "\"wipeDataFlags\":[]", with: "\"wipeDataFlags\":[\"WIPE_ESIMS\"]"), "hers.json", server)
        #expect(try await consigne("policies", "put", "/g:lock", hers, as: "eve").exitCode == 0)

        let refused = try await consigne("policies", "put", "/g:lock", mine, as: "jean")
        #expect(refused.exitCode == 65)
        for words in ["/g:lock maximumTimeToLock", "yours    60000", "theirs   30000, by eve", "you saw  90000"] {
            #expect(refused.errors.contains(words), "\(refused.errors)")
        }
        #expect(!refused.errors.contains("wipeDataFlags"), "he did not touch it")
        let forced = try await consigne(
            "policies", "put", "/g:lock", mine, "--mode", "force", "--reason", "r", as: "jean")
        #expect(forced.exitCode == 77, "an editor may not force")
        #expect(
            try await consigne("policies", "put", "/g:lock", mine, "--mode", "merge", as: "jean").errors.contains(
                "kept beside it"))

        let open = try await consigne("conflicts").output
        #expect(open.contains("stands   30000  eve") && open.contains("sibling  60000  jean"), "\(open)")
        let json = try JSONReader.read(Array(try await consigne("conflicts", "--output", "json").output.utf8))
        let sibling = json["conflicts"]?.array?.first?["siblings"]?.array?.first?["seq"]?.integer ?? 0
        let ended = try await consigne("conflicts", "resolve", "/g:lock", "maximumTimeToLock", "--take", "\(sibling)")
        #expect(ended.exitCode == 0, "\(ended.errors)")
        #expect(try await consigne("conflicts").output == "none\n")
        let now = try JSONReader.read(Array(try await consigne("policies", "get", "/g:lock").output.utf8))
        #expect(now["settings"]?["maximumTimeToLock"] == .integer(60_000))
        #expect(now["settings"]?["wipeDataFlags"] == .array([.string("WIPE_ESIMS")]))

        let text = try JSONReader.read(Array(read.utf8))["base"]?.string ?? ""
        let base = String(text.split(separator: ".").last ?? "")
        let diff = try await consigne("policies", "diff", "/g:lock@\(base)", "/g:lock").output
        let words = diff.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("maximumTimeToLock 90000 60000"), "\(diff)")
        #expect(try await consigne("policies", "rollback", "/g:lock", "--to", "\(base)", "--yes").exitCode == 0)
        #expect(try await consigne("policies", "diff", "/g:lock@\(base)", "/g:lock").output == "none\n")
        let history = try await consigne("policies", "history", "/g:lock").output
        #expect(history.contains("sibling") && history.contains("rollback to \(base)"), "\(history)")
        #expect(try await consigne("policies", "rollback", "/g:lock", "--to", "1", "--yes").exitCode == 65)
        #expect(try await consigne("log", "--since", "1.1").errors.contains("log-restored"))
        #expect(try await consigne("policies", "get", "/g:lock", "--at", "9999").exitCode == 65)
    }

    private func write(_ text: String, _ name: String, _ server: RunningServer) throws -> String {
        let path = server.folder.path(name)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }
}
