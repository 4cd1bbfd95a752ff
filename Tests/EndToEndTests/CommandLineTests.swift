import Foundation
import SyncCore
import TestSupport
import Testing

/// The real command line against the real server: what it refuses, how it says so, and that nothing is half done.
@Suite struct CommandLineTests {
    @Test func `bad input is told with its code, and the log does not move`() async throws {
        let server = try await RunningServer.founded()
        let environment = ["CONSIGNE_SERVER": server.operatorURL, "CONSIGNE_CONTEXTS": server.folder.path("contexts")]
        let admin = ["--token-file", server.tokenFile]
        func consigne(_ arguments: [String]) async throws -> RunningServer.Outcome {
            try await RunningServer.run("consigne", arguments, environment: environment)
        }
        #expect(try await consigne(["units", "create", "/g", "/p"] + admin).exitCode == 0)
        let viewer = server.folder.path("viewer.token")
        let create = ["operators", "create", "eve", "--role", "viewer", "--unit", "/g", "--token-out", viewer]
        #expect(try await consigne(create + admin).exitCode == 0)
        let policy = try file(server, "policy.json", "{\"settings\":{\"funDisabled\":true}}")
        let bad = try file(server, "bad.json", "{\"funDisabled\":\"yes\",\"nothing\":1}")
        let broken = try file(server, "broken.json", "{\"funDisabled\":true,}")
        let yaml = try file(server, "float.yaml", "maximumTimeToLock: 1.5\n")
        let lot = try file(server, "lot.csv", "serial,model,unit,tags\nS1,M,/g,\nS1,M,nowhere,\n,M,/g,A\n")
        let before = try await server.client().get("/v1/log", [("limit", "1")])["head"]
        let cases: [(arguments: [String], exitCode: Int32, words: String)] = [
            (["policies", "put", "/g:x", bad] + admin, 65, "funDisabled: found \"yes\", expected a boolean"),
            (["policies", "put", "/g:x", bad] + admin, 65, "nothing: found 1"),
            (["policies", "put", "/g:x", broken] + admin, 65, "byte 20"),
            (["policies", "put", "/g:x", yaml] + admin, 65, "maximumTimeToLock: found 1.5"),
            (["policies", "put", "/g:x", "/nowhere.json"] + admin, 66, "/nowhere.json"),
            (["policies", "put", "g:x", policy] + admin, 64, "g:x"),
            (["policies", "put", "/nowhere:x", policy] + admin, 65, "unknown-unit"),
            (["policies", "get", "/g:missing"] + admin, 65, "unknown-policy"),
            (["policies", "put", "/g:x", policy, "--token-file", viewer], 77, "editor"),
            (["push", policy, "--to", "/p", "--yes", "--token-file", viewer], 77, "editor"),
            (["push", policy, "--to", "/g"] + admin, 65, "--yes"),
            (["push", policy] + admin, 64, "--to"),
            (["assignments", "bind", "/g:x", "--to", "/g", "--selector", "fact.colour=x"] + admin, 64, "fact.model="),
            (["assignments", "unbind", "a999"] + admin, 65, "unknown-assignment"),
            (["devices", "show", "d999"] + admin, 65, "unknown-device"),
            (["devices", "tag", "d999"] + admin, 64, "--add"),
            (["devices", "move", "d999", "--to", "/p"] + admin, 65, "unknown-device"),
            (["devices", "list", "--limit", "0"] + admin, 65, "limit"),
            (["devices", "import", lot, "--tokens-out", server.folder.path("t")] + admin, 65, "lot.csv:3"),
            (["tokens", "issue", "/g", "--uses", "0", "--token-out", server.folder.path("t")] + admin, 65, "uses"),
            (
                ["tokens", "issue", "/g", "--expires", "soon", "--token-out", server.folder.path("t")] + admin, 64,
                "soon"
            ),
            (["tokens", "revoke", "t999"] + admin, 65, "unknown-token"),
            (["operators", "revoke", "admin"] + admin, 65, "last-admin"),
            (["units", "create", "/g"] + admin, 65, "unit-exists"),
            (["units", "create", "/a/b"] + admin, 65, "unknown-unit"),
            (["explain", "d1", "--token-file", "/nowhere"], 66, "/nowhere"),
            (["units", "--server", "http://127.0.0.1:1"] + admin, 69, "cannot be reached"),
            (["units", "--server", "ftp://x"] + admin, 65, "--server"),
            (["units", "--context", "none"] + admin, 65, "none"),
            (["contexts", "use", "none"], 65, "none"),
            (["resolve", "--stack", bad], 65, "layers"),
            (["nonsense"], 64, "nonsense"),
        ]
        for (arguments, exitCode, words) in cases {
            let outcome = try await consigne(arguments)
            #expect(outcome.exitCode == exitCode, "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: server.folder.path("t")), "no token of something refused")
        #expect(try await server.client().get("/v1/log", [("limit", "1")])["head"] == before)
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `shells complete it`(shell: String) async throws {
        let outcome = try await RunningServer.run("consigne", ["--generate-completion-script", shell])
        #expect(outcome.exitCode == 0 && outcome.output.contains("assignments"))
    }

    @Test func `a policy may be written in YAML, and read back in its normal form`() async throws {
        let server = try await RunningServer.founded()
        let yaml = try file(
            server, "p.yaml",
            "settings:\n  maximumTimeToLock: '60000'\n  appAutoUpdatePolicy: NEVER\nenforced: [appAutoUpdatePolicy]\n")
        let reach = ["--server", server.operatorURL, "--token-file", server.tokenFile]
        #expect(try await RunningServer.run("consigne", ["policies", "put", "/:y", yaml] + reach).exitCode == 0)
        let shown = try await RunningServer.run("consigne", ["policies", "get", "/:y"] + reach)
        let policy = try JSONReader.read(Array(shown.output.utf8))
        #expect(policy["settings"]?["maximumTimeToLock"] == .integer(60_000))
        #expect(policy["enforced"] == .array([.string("appAutoUpdatePolicy")]))
    }

    @Test func `100 handsets over HTTP end where the oracle says, and a planted fault is named`() async throws {
        for (arguments, exitCode, words) in [
            (["push"], Int32(0), "every handset holds"), (["roll-call", "--plant-fault"], 1, "must hold"),
            (["field-day"], 0, "every handset holds"), (["restore"], 0, "every handset holds"),
            (["tug-of-war"], 0, "every handset holds"), (["tug-of-war", "--plant-fault"], 1, "the log has"),
        ] {
            let server = try await RunningServer.founded()
            let outcome = try await RunningServer.run(
                "consigne-sim",
                [
                    "run", "--handsets", "100", "--agent", "http://127.0.0.1:\(server.agentPort)", "--operator",
                    server.operatorURL, "--token-file", server.tokenFile,
                ] + arguments)
            #expect(outcome.exitCode == exitCode, "\(outcome.output) \(outcome.errors)")
            #expect(outcome.output.contains(words))
        }
    }

    private func file(_ server: RunningServer, _ name: String, _ text: String) throws -> String {
        let path = server.folder.path(name)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }
}
