import Foundation
import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// The log of a large lot, page by page: a bookmark within a transaction goes on where it stopped.
@Suite struct LogPageTests {
    @Test func `a lot larger than a page is followed to its end, nothing twice and nothing left out`() async throws {
        let tree = try await CommandTree()
        let rows = 3_500
        let lot = "serial;model;unit;tags\r\n" + (0..<rows).map { "S\($0);M;/;\r\n" }.joined()
        let file = try tree.file("lot.csv", lot)
        let imported = try await tree(["devices", "import", file, "--tokens-out", tree.folder.path("tokens")])
        #expect(imported.exitCode == 0, "\(imported.errors)")
        let client = try tree.server.client()
        var (after, seen, parts) = (0 as Int64, [Int64](), 0)
        repeat {
            let page = try await client.get("/v1/log", [("after", String(after)), ("limit", "700")])
            let next = try #require(page["next"]?.integer)
            #expect(next > after, "a page moves on")
            for transaction in page["transactions"]?.array ?? [] {
                let entries = (transaction["entries"]?.array ?? []).compactMap { $0["seq"]?.integer }
                #expect(entries.count <= 700)
                seen += entries
                let (first, last) = (transaction["first"]?.integer ?? 0, transaction["last"]?.integer ?? 0)
                if last - first + 1 == rows { parts += 1 }
                #expect(entries.allSatisfy { ($0 >= first) && $0 <= last })
            }
            after = next
        } while after < (try await client.get("/v1/log", [("limit", "1")])["head"]?.integer ?? 0)
        #expect(seen == Array(1...after) && parts >= 5)

        let tail = try await tree(["log", "tail", "--since", "10", "--limit", "5", "--output", "json"])
        let page = try JSONReader.read(Array(tail.output.utf8))
        #expect(page["next"] == .integer(15) && page["transactions"]?.array?.last?["last"] == .integer(after))
        let table = try await tree(["log", "tail", "--since", "10", "--limit", "5"])
        #expect(table.output.contains("more: --since 15"))
    }

    @Test func `a page ends where its values are large, and the client takes it`() async throws {
        let server = try await RunningServer.founded()
        let client = try server.client()
        for number in 0..<9 {
            let text = String(repeating: "x", count: 60_000)
            let configuration = JSONValue.object(
                Dictionary(uniqueKeysWithValues: (0..<15).map { ("k\($0)", .string(text)) }))
            let body = JSONValue.object([
                "applications": .array([
                    .object(["packageName": .string("a.b"), "managedConfiguration": configuration])
                ])
            ])
            let policy = try #require(PolicyReference("/:p\(number)"))
            _ = try await client.change(ChangeRequest(intent: "p\(number)", edits: [.putPolicy(policy, body)]))
        }
        let head = try #require(try await client.get("/v1/log", [("limit", "1")])["head"]?.integer)
        var (after, pages) = (0 as Int64, 0)
        while after < head {
            let page = try await client.get("/v1/log", [("after", String(after)), ("limit", "1000")])
            after = try #require(page["next"]?.integer)
            pages += 1
        }
        #expect(after == head && pages >= 2, "\(pages) pages of nine values of 900 KB")
    }

    @Test func `of a part of a change, only its author and the root unit read the words`() async throws {
        let tree = try await CommandTree()
        _ = try await tree(["units", "create", "/g", "/h"])
        var tokens: [String: String] = [:]
        for (name, unit) in [("jean", "/g"), ("eve", "/g")] {
            tokens[name] = tree.folder.path(name)
            _ = try await tree([
                "operators", "create", name, "--role", "admin", "--unit", unit, "--token-out", tree.folder.path(name),
            ])
        }
        let file = try tree.file("lot.csv", "serial,model,unit,tags\n" + (0..<9).map { "S\($0),M,/g,\n" }.joined())
        let arguments = [
            "devices", "import", file, "--tokens-out", tree.folder.path("tokens"), "--reason", "delivery 7",
        ]
        #expect(try await tree(arguments, as: tokens["jean"]).exitCode == 0)
        let head = try #require(try await tree.json(["log", "tail"])["head"]?.integer)
        func reason(_ name: String?, limit: Int) async throws -> JSONValue? {
            let tail = ["log", "tail", "--since", "\(head - 9)", "--limit", "\(limit)", "--output", "json"]
            let output = try await tree(tail, as: name.flatMap { tokens[$0] }).output
            return try JSONReader.read(Array(output.utf8))["transactions"]?.array?.first?["reason"]
        }
        for name in ["jean", "eve", nil] { #expect(try await reason(name, limit: 9) == .string("delivery 7")) }
        #expect(try await reason("jean", limit: 4) == .string("delivery 7"))
        #expect(try await reason(nil, limit: 4) == .string("delivery 7"))
        #expect(try await reason("eve", limit: 4) == nil, "what else is in it, she may not know")
    }
}
