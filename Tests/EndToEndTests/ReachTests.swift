import Foundation
import SyncCore
import TestSupport
import Testing

/// Plans, explanations, differences and histories reach into records; people and programs get the same facts.
@Suite struct ReachTests {
    private static func apps(_ names: [String], _ type: String = "FORCE_INSTALLED") -> String {
        let records = names.map { "{\"packageName\":\"\($0)\",\"installType\":\"\(type)\"}" }
        return "{\"settings\":{\"applications\":[\(records.joined(separator: ","))]}}"
    }

    @Test func `which applications go, come and change is told by name, with counts`() async throws {
        let tree = try await CommandTree()
        _ = try await tree(["units", "create", "/g"])
        try await tree.enrol(3, into: "/g", tag: "patrol")
        let five = try tree.file("apps.json", Self.apps(["fr.pve", "fr.map", "fr.radio", "fr.mail", "fr.alert"]))
        #expect(try await tree(["push", five, "--to", "/g", "--yes"]).exitCode == 0)
        let one = try tree.file("apps.json", Self.apps(["fr.pve"], "BLOCKED"))
        let plan = try await tree(["plan", one, "--to", "/g"]).output
        for line in [
            "inside applications: 4 removed, 1 changed", "- fr.alert   3 devices", "- fr.mail    3 devices",
            "~ fr.pve     3 devices   installType: FORCE_INSTALLED -> BLOCKED", "5 records  1 record",
        ] {
            #expect(plan.contains(line), "\(line) in \(plan)")
        }
        let inside = try #require(try await tree.json(["plan", one, "--to", "/g"])["inside"]?.array?.first)
        #expect(inside["removed"] == .integer(4) && inside["changed"] == .integer(1) && inside["added"] == .integer(0))
        let last = try #require(inside["parts"]?.array?.last)
        #expect(last["name"] == .string("fr.pve") && last["devices"] == .integer(3))
        #expect(last["fields"]?.array?.first?["after"] == .string("BLOCKED"))

        #expect(try await tree(["push", one, "--to", "/g", "--yes"]).exitCode == 0)
        let history = try await tree(["policies", "history", "/g:apps"]).output
        #expect(history.contains("5 records -> 1 record") && history.contains("- fr.radio"))
        let changes = try await tree.json(["policies", "history", "/g:apps"])["history"]?.array?.last?["changes"]?.array
        #expect(changes?.first?["parts"]?.array?.count == 5 && changes?.first?["before"] != nil)
        let seq = changes?.first?["seq"]?.integer ?? 0
        let sides = ["policies", "diff", "/g:apps@\(seq - 1)", "/g:apps"]
        #expect(try await tree(sides).output.contains("- fr.map"))
        #expect(try await tree.json(sides)["differences"]?.array?.first?["parts"]?.array?.count == 5)
    }

    @Test func `explain says per field of a record who decided and who lost`() async throws {
        let tree = try await CommandTree()
        _ = try await tree(["units", "create", "/g"])
        try await tree.enrol(1, into: "/g", tag: "patrol")
        let device = try #require(try await tree.json(["devices"])["devices"]?.array?.first?["device"]?.string)
        let base = try tree.file("base.json", Self.apps(["fr.pve", "fr.map"], "BLOCKED"))
        let own = try tree.file("own.json", Self.apps(["fr.pve"], "AVAILABLE"))
        for (file, unit) in [(base, "/"), (own, "/g")] {
            #expect(try await tree(["push", file, "--to", unit, "--yes"]).exitCode == 0)
        }
        let text = try await tree(["explain", device, "applications", "fr.pve"]).output
        #expect(text.contains("installType = BLOCKED   [enum-order]"), "\(text)")
        #expect(text.contains("+ /:base (baseline) says BLOCKED"))
        #expect(text.contains("- /g:own (agency) says AVAILABLE: another value is stricter"))
        #expect(!text.contains("fr.map"))
        #expect(text.contains("- /g:own (agency) says 1 record"), "`+` stands only before what counts: \(text)")
        let setting = try await tree.json(["explain", device, "applications", "fr.pve"])["settings"]?["applications"]
        #expect(setting?["from"] == .array([.string("/:base")]))
        let field = try #require(setting?["parts"]?.array?.first?["fields"]?.array?.first)
        #expect(field["field"] == .string("installType") && field["value"] == .string("BLOCKED"))
        #expect(field["contributors"]?.array?.map { $0["lost"] == nil } == [true, false])
        #expect(
            try await tree(["explain", device, "applications", "fr.none"]).output.contains(
                "nobody says anything of fr.none"))
        let whole = try await tree(["explain", device, "applications"]).output
        #expect(whole.contains("fr.pve") && !whole.contains("fr.map") && whole.contains("1 part more"))
        #expect(try await tree(["explain", device, "applications", "--full"]).output.contains("fr.map"))
    }

    @Test func `three thousand applications are summed up, and --full lists them`() async throws {
        let tree = try await CommandTree()
        _ = try await tree(["units", "create", "/g"])
        try await tree.enrol(2, into: "/g", tag: "patrol")
        let file = try tree.file("apps.json", Self.apps((0..<3_000).map { "fr.example.a\($0)" }, "AVAILABLE"))
        let plan = try await tree(["plan", file, "--to", "/g"]).output
        #expect(plan.contains("inside applications: 3000 added") && plan.contains("and 2980 more"))
        #expect(plan.split(separator: "\n").count < 60)
        let full = try await tree(["plan", file, "--to", "/g", "--full"]).output
        #expect(full.split(separator: "\n").count > 3_000)
        #expect(try await tree(["push", file, "--to", "/g", "--yes"]).exitCode == 0)
        let device = try #require(try await tree.json(["devices"])["devices"]?.array?.first?["device"]?.string)
        #expect(try await tree(["explain", device]).output.split(separator: "\n").count < 10)
        #expect(try await tree(["explain", device, "applications"]).output.contains("and 3000 parts more"))
    }

    @Test func `a push with another selector shows what is bound already and replaces it or adds to it`() async throws {
        let tree = try await CommandTree()
        _ = try await tree(["units", "create", "/g"])
        let file = try tree.file("lock.json", "{\"settings\":{\"funDisabled\":true}}")
        func push(_ arguments: [String]) async throws -> RunningServer.Outcome {
            try await tree(["push", file, "--to", "/g", "--yes"] + arguments)
        }
        func selectors() async throws -> [String] {
            try await tree.json(["assignments"])["assignments"]?.array?.map { $0["selector"]?.string ?? "-" } ?? []
        }
        #expect(try await push(["--selector", "patrol"]).exitCode == 0)
        #expect(try await push(["--selector", "patrol"]).exitCode == 0, "the same again is no other")
        let refused = try await push(["--selector", "spare"])
        #expect(refused.exitCode == 65 && refused.errors.contains("for patrol") && refused.errors.contains("--replace"))
        #expect(try await selectors() == ["patrol"], "nothing was done")
        #expect(try await push([]).errors.contains("bound there already"), "without a selector too")
        #expect(try await push(["--selector", "spare", "--add"]).exitCode == 0)
        #expect(try await selectors() == ["patrol", "spare"])
        let before = try await tree.json(["log", "tail"])["transactions"]?.array?.count ?? 0
        #expect(try await push(["--replace"]).exitCode == 0)
        #expect(try await selectors() == ["-"])
        #expect(try await tree.json(["log", "tail"])["transactions"]?.array?.count == before + 1, "one change set")
        let plan = ["plan", file, "--to", "/g", "--selector", "x", "--replace"]
        let name = try await tree.json(plan)
        let apply =
            ["apply"] + plan.dropFirst() + ["--plan", "\(name["seq"]?.integer ?? 0).\(name["hash"]?.string ?? "")"]
        #expect(try await tree(apply).exitCode == 0)
        #expect(try await selectors() == ["x"])
    }

    @Test func `two files of one name are both named, and nothing is written`() async throws {
        let tree = try await CommandTree()
        let first = try tree.file("lock.json", "{\"funDisabled\":true}")
        let second = try tree.file("LOCK.yaml", "funDisabled: false\n")
        let outcome = try await tree(["policies", "import", "/", first, second])
        #expect(outcome.exitCode == 65 && outcome.errors.contains(first) && outcome.errors.contains(second))
        #expect(try await tree.json(["policies"])["policies"] == .array([]))
    }

    @Test func `a put without a base keeps what others wrote, tells it, and refuses where both wrote`() async throws {
        let tree = try await CommandTree()
        _ = try await tree(["units", "create", "/g"])
        var tokens: [String: String] = [:]
        for name in ["jean", "eve"] {
            let token = tree.folder.path(name)
            tokens[name] = token
            let create = ["operators", "create", name, "--role", "editor", "--unit", "/g", "--token-out", token]
            #expect(try await tree(create).exitCode == 0)
        }
        func put(_ name: String, _ settings: String) async throws -> RunningServer.Outcome {
            let file = try tree.file("\(name).yaml", "settings:\n" + settings)
            return try await tree(["policies", "put", "/g:two", file], as: tokens[name])
        }
        #expect(try await put("eve", "  maximumTimeToLock: 900000\n  funDisabled: true\n").exitCode == 0)
        let first = try await put("jean", "  maximumTimeToLock: 900000\n  smsDisabled: true\n")
        #expect(first.exitCode == 0 && first.errors.contains("funDisabled stay"), "\(first.errors)")
        #expect(try await put("jean", "  maximumTimeToLock: 900000\n").exitCode == 0)
        let body = try await tree.json(["policies", "get", "/g:two"])["body"]?["settings"]
        #expect(body == .object(["maximumTimeToLock": .integer(900_000), "funDisabled": .bool(true)]))
        let crossed = try await put("jean", "  maximumTimeToLock: 30000\n")
        #expect(crossed.exitCode == 65 && crossed.errors.contains("by eve") && crossed.errors.contains("never wrote"))
    }
}
