import Foundation
import SyncCore
import TestSupport
import Testing

@testable import consigne

/// What the command line prints: JSON wherever it is asked for, and nothing that moves a cursor.
@Suite struct OutputTests {
    @Test func `every command prints JSON when it is asked to`() async throws {
        let tree = try await CommandTree()
        let policy = try tree.file("lock.json", "{\"settings\":{\"funDisabled\":true}}")
        let other = try tree.file("other.json", "{\"settings\":{\"funDisabled\":false}}")
        let lot = try tree.file("lot.csv", "serial,model,unit,tags\nL1,M,/g,\nL2,M,/g,\n")
        let units = try tree.file("units.txt", "/g\n/h\n")
        let stack = try tree.file("stack.json", "{\"layers\":[{\"layer\":\"a\",\"priority\":10,\"values\":{}}]}")
        _ = try await tree(["units", "create", "/g"])
        try await tree.enrol(4, into: "/g", tag: "patrol")
        let devices = try await tree.json(["devices"])["devices"]?.array?.compactMap { $0["device"]?.string } ?? []
        let (first, second) = (try #require(devices.first), try #require(devices.dropFirst().first))
        let (third, fourth) = (try #require(devices.dropFirst(2).first), try #require(devices.dropFirst(3).first))
        let token = try #require(try await tree.json(["tokens"])["tokens"]?.array?.first?["token"]?.string)
        let rollback = ["policies", "rollback", "/g:lock", "--to", "2100-01-01", "--dry-run"]
        let runs: [[String]] = [
            ["contexts", "set", "home", "--server", tree.server.operatorURL, "--token-file", tree.server.tokenFile],
            ["contexts", "use", "home"], ["contexts", "list"], ["status"], ["units", "list"],
            ["units", "create", "/g/x"],
            ["units", "import", units], ["units", "import", units], ["plan", policy, "--to", "/g"],
            ["push", policy, "--to", "/g", "--yes"], ["explain", first], ["explain", first, "funDisabled"],
            ["policies", "put", "/g:other", policy], ["policies", "put", "/g:other", policy], ["policies", "list"],
            ["policies", "get", "/g:lock"], ["policies", "import", "/g", policy, other],
            ["policies", "history", "/g:lock"],
            ["policies", "diff", "/g:lock", "/g:other"], rollback,
            ["conflicts", "list"], ["assignments", "list"], ["assignments", "bind", "/g:other", "--device", first],
            ["devices", "list"], ["devices", "show", first], ["devices", "tag", first, "--add", "x"],
            ["devices", "move", first, "--to", "/g/x"],
            ["devices", "import", lot, "--tokens-out", tree.folder.path("t")],
            ["devices", "replace", first, second], ["devices", "revoke", third],
            ["tokens", "reissue", third, "--tokens-out", tree.folder.path("t4")], ["devices", "retire", fourth],
            ["user", "show", first], ["user", "edit", first, "user.language", "set", "br"], ["tokens", "list"],
            ["tokens", "issue", "/g", "--token-out", tree.folder.path("t2")], ["tokens", "revoke", token],
            ["operators", "list"], ["operators", "me"],
            ["operators", "create", "eve", "--role", "editor", "--unit", "/g", "--token-out", tree.folder.path("eve")],
            ["operators", "rotate", "eve", "--expires", "30d", "--token-out", tree.folder.path("eve2")],
            ["operators", "revoke", "eve"], ["log", "tail"], ["log", "tail", "--since", "0"],
            ["resolve", "--stack", stack],
        ]
        for arguments in runs { try await expectJSON(tree, arguments) }
        let assignment = try await tree.json(["assignments"])["assignments"]?.array?.first?["assignment"]?.string
        try await expectJSON(tree, ["assignments", "unbind", try #require(assignment)])
        // Two writers who crossed, and a plan that is carried out.
        for value in ["1", "2"] {
            let file = try tree.file("c.json", "{\"settings\":{\"maximumTimeToLock\":\(value)}}")
            let token = value == "1" ? tree.server.tokenFile : tree.folder.path("jean")
            if value == "2" {
                _ = try await tree([
                    "operators", "create", "jean", "--role", "editor", "--unit", "/g", "--token-out", token,
                ])
            }
            _ = try await tree(["policies", "put", "/g:c", file, "--mode", "merge"], as: token)
        }
        try await expectJSON(tree, ["conflicts", "resolve", "/g:c", "maximumTimeToLock", "--keep"])
        let plan = try await tree.json(["plan", other, "--to", "/g", "--as", "/g:lock"])
        let name = "\(plan["seq"]?.integer ?? 0).\(plan["hash"]?.string ?? "")"
        try await expectJSON(tree, ["apply", other, "--to", "/g", "--as", "/g:lock", "--plan", name])

        let tried = Set(runs.map { Array($0.prefix(2)) } + runs.map { Array($0.prefix(1)) })
            .union([["assignments", "unbind"], ["conflicts", "resolve"], ["apply"]])
        for (words, options) in try await CommandTree.leaves() {
            #expect(options.contains("output"), "\(words) has no --output")
            #expect(tried.contains(words), "\(words): say here how it is run")
        }
    }

    private func expectJSON(_ tree: CommandTree, _ arguments: [String]) async throws {
        let outcome = try await tree(arguments + ["--output", "json"])
        #expect(outcome.exitCode == 0, "\(arguments): \(outcome.errors)")
        let json = try? JSONReader.read(Array(outcome.output.utf8), limit: 64 * 1_024 * 1_024)
        #expect(json?.object != nil, "\(arguments) printed \(outcome.output)")
    }

    @Test func `what a server says is printed without what is hidden in it, as a table and as JSON`() async throws {
        let hostile = "X\u{1B}]0;owned\u{7}\nd99  enrolled  /a\u{9B}2J\u{202E}"
        let device = JSONValue.object([
            "device": .string("d1"), "state": .string("enrolled"), "unit": .string("/g"), "tags": .array([]),
            "model": .string(hostile), "serial": .string(hostile), "standing": .string("failed"),
        ])
        let body = CanonicalWriter.text(of: .object(["devices": .array([device])]))
        let folder = try TemporaryFolder()
        try Data(String(repeating: "t", count: 64).utf8).write(to: URL(fileURLWithPath: folder.path("token")))
        func run(_ arguments: [String], _ answer: String) async throws -> RunningServer.Outcome {
            let server = try CannedAnswer(answer)
            return try await RunningServer.run(
                "consigne",
                arguments + ["--server", "http://127.0.0.1:\(server.port)", "--token-file", folder.path("token")],
                environment: ["CONSIGNE_CONTEXTS": folder.path("contexts")])
        }
        func isClean(_ text: String) -> Bool { !text.unicodeScalars.contains { $0.isHidden && $0 != "\n" } }
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let table = try await run(["devices"], answer)
        #expect(isClean(table.output) && table.output.split(separator: "\n").count == 2, "\(table.output)")
        #expect(table.output.contains("X\\u001b]0;owned\\u0007\\u000ad99"))
        let json = try await run(["devices", "--output", "json"], answer)
        #expect(isClean(json.output))
        #expect(try JSONReader.read(Array(json.output.utf8))["devices"]?.array?.first?["model"] == .string(hostile))
        let problem = CanonicalWriter.text(
            of: .object([
                "code": .string("malformed"), "detail": .string(hostile), "definite": .bool(true),
                "status": .integer(400),
                "details": .array([
                    .object(["field": .string(hostile), "value": .string("v"), "expected": .string("e")])
                ]),
            ]))
        let refused = try await run(
            ["devices"], "HTTP/1.1 400 Bad\r\nContent-Length: \(problem.utf8.count)\r\n\r\n\(problem)")
        #expect(refused.exitCode == 65 && isClean(refused.errors), "\(refused.errors)")
    }

    @Test(arguments: ["a\u{1B}b", "a\nb", "a\u{200B}b", "", "   "])
    func `a reason that hides something is refused before anything is sent`(reason: String) async throws {
        let outcome = try await RunningServer.run(
            "consigne",
            ["units", "create", "/g", "--reason", reason, "--server", "http://127.0.0.1:1", "--token-file", "/none"])
        #expect(outcome.exitCode == 64 && outcome.errors.contains("--reason"), "\(outcome.errors)")
    }

    @Test func `blanks around a reason are no part of it`() async throws {
        let tree = try await CommandTree()
        #expect(try await tree(["units", "create", "/g", "--reason", " ticket 7\n"]).exitCode == 0)
        let log = try await tree.json(["log", "tail"])
        #expect(log["transactions"]?.array?.last?["reason"] == .string("ticket 7"))
    }
}
