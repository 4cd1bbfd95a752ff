import Foundation
import SyncCore
import Testing
import TestSupport

/// The vectors of `Protocol/Vectors`: what another implementation worked out must come out here too.
@Suite struct VectorTests {
    @Test func `a text has the canonical form and the digest that the vectors state`() throws {
        let cases = try VectorCase.list("cases", of: "canonical.json")
        #expect(cases.count >= 20)
        for entry in cases {
            let bytes = CanonicalWriter.bytes(of: try JSONReader.read(Array(try entry.text("text").utf8)))
            #expect(String(decoding: bytes, as: UTF8.self).hasSameBytes(as: try entry.text("canonical")), entry.comment)
            #expect(bytes.count == Int(try entry.number("bytes")), entry.comment)
            #expect(Digest(hashing: bytes) == (try entry.digest("sha256")), entry.comment)
            #expect(CanonicalWriter.bytes(of: try JSONReader.read(bytes)) == bytes, entry.comment)
        }
    }

    @Test func `a text that must be refused is refused for the stated reason`() throws {
        let cases = try VectorCase.list("cases", of: "refused.json")
        #expect(cases.count >= 60)
        var reasons: Set<JSONError.Reason> = []
        for entry in cases {
            let reason = try #require(JSONError.Reason(rawValue: try entry.text("reason")), entry.comment)
            let bytes = try entry.refusedBytes()
            reasons.insert(reason)
            #expect(throws: JSONError.self, entry.comment) { try JSONReader.read(bytes) }
            #expect(Self.refusal(of: bytes) == reason, entry.comment)
        }
        #expect(reasons.count == 16, "every reason has a case")
    }

    private static func refusal(of bytes: [UInt8]) -> JSONError.Reason? {
        do throws(JSONError) {
            _ = try JSONReader.read(bytes)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `an entry of the log has the leaf hash that the vectors state`() throws {
        let cases = try VectorCase.list("cases", of: "leaf.json")
        #expect(cases.count >= 12)
        for entry in cases {
            let leaf = try entry.digest("leaf")
            #expect(try entry.leaf() == leaf, entry.comment)
            #expect(Digest(hashing: [0x00] + Array(try entry.text("canonical").utf8)) == leaf, entry.comment)
        }
    }

    @Test func `a leaf changes with everything that goes into it`() throws {
        let cases = try VectorCase.list("cases", of: "leaf.json")
        let whole = try #require(cases.first { $0.json["salt"] != nil && $0.json["reason"] != nil })
        let changes: [String: JSONValue] = [
            "epoch": .integer(1), "seq": .integer(1), "first": .integer(1), "author": .string("x"),
            "intent": .string("x"), "received": .integer(1), "subject": .string("x"), "key": .string("x"),
            "op": .string("remove"), "base": .integer(1), "outcome": .string("sibling"), "value": .string("x"),
            "reason": .string("x"), "reasonSalt": .string("00"), "salt": .string("00"),
        ]
        var leaves: Set<Digest> = [try whole.leaf()]
        for (name, value) in changes {
            var members = whole.json.object ?? [:]
            members[name] = value
            leaves.insert(try VectorCase(json: .object(members)).leaf())
        }
        #expect(leaves.count == changes.count + 1)
    }

    @Test func `edits that crossed are merged as the vectors state`() throws {
        let catalog = try Catalog.embedded()
        let cases = try VectorCase.list("merges", of: "merge.json")
        #expect(cases.count >= 20)
        for entry in cases {
            let setting = try #require(catalog.settings[try entry.text("setting")], entry.comment)
            let (base, yours, theirs) = (entry.json["base"], entry.json["yours"], entry.json["theirs"])
            let isMerged = try entry.text("outcome") == "merged"
            let expected = isMerged ? ThreeWay.Outcome.merged(entry.json["merged"]) : .conflict
            let merge = ThreeWay(setting.strategy)
            #expect(merge.merge(base: base, yours: yours, theirs: theirs) == expected, entry.comment)
            #expect(merge.merge(base: base, yours: theirs, theirs: yours) == expected, entry.comment)
        }
    }

    @Test func `a cursor is read and written as the vectors state`() throws {
        for entry in try VectorCase.list("cursors", of: "cursor.json") {
            let cursor = try #require(Cursor(try entry.text("text")), entry.comment)
            #expect(cursor.epoch == (try entry.number("epoch")), entry.comment)
            #expect(cursor.held?.description ?? "-" == (try entry.text("held")), entry.comment)
            #expect(cursor.offered?.description ?? "-" == (try entry.text("offered")), entry.comment)
            #expect(cursor.commands == (try entry.text("commands")), entry.comment)
            #expect(cursor.user == (try entry.number("user")), entry.comment)
            #expect(cursor.description == (try entry.text("writes")), entry.comment)
        }
        for entry in try VectorCase.list("made", of: "cursor.json") {
            let cursor = Cursor(
                epoch: try entry.number("epoch"), held: try entry.digestIfAny("held"),
                offered: try entry.digest("offered"))
            #expect(cursor.description == (try entry.text("text")), entry.comment)
        }
        for text in try VectorCase.texts("badCursors", of: "cursor.json") { #expect(Cursor(text) == nil, "\(text)") }
    }

    @Test func `what a device has is read and written as the vectors state`() throws {
        for entry in try VectorCase.list("haves", of: "cursor.json") {
            let text = try entry.text("text")
            let have = try #require(Have(text), entry.comment)
            #expect(have.epoch == (try entry.number("epoch")), entry.comment)
            #expect(have.version == (try entry.number("version")), entry.comment)
            #expect(have.digest == (try entry.digestIfAny("digest")), entry.comment)
            #expect(have.description == text)
        }
        for text in try VectorCase.texts("badHaves", of: "cursor.json") { #expect(Have(text) == nil, "\(text)") }
    }

    @Test func `a check-in is decided as the vectors state`() throws {
        let cases = try VectorCase.list("get", of: "sync.json")
        #expect(cases.count >= 20)
        for entry in cases {
            let tag = try entry.json["tag"]?.string.map { try #require(Cursor($0), entry.comment) }
            let have = try entry.json["have"]?.string.map { try #require(Have($0), entry.comment) }
            let decision = SyncDecision.decide(tag: tag, have: have, current: try entry.current())
            #expect(decision == (try entry.decision()), entry.comment)
        }
    }

    @Test func `a report is decided as the vectors state`() throws {
        let cases = try VectorCase.list("post", of: "sync.json")
        #expect(cases.count >= 10)
        for entry in cases {
            let have = try #require(Have(try entry.text("have")), entry.comment)
            let failed = try entry.digestIfAny("failed")
            let decision = SyncDecision.decide(have: have, failed: failed, current: try entry.current())
            #expect(decision == (try entry.decision()), entry.comment)
        }
    }

    @Test func `the vector files are ASCII`() throws {
        for name in [
            "canonical.json", "refused.json", "leaf.json", "cursor.json", "sync.json", "merge.json", "user.json",
            "delta.json", "phase.json", "agent.json",
        ] {
            #expect(try VectorCase.bytes(of: name).allSatisfy { $0 < 0x80 }, "\(name)")
        }
    }
}
