import SyncCore
import SyncEngine
import TestSupport
import Testing

/// A policy applied from a repository: its author's own words go through, what others wrote is kept or told.
@Suite struct ApplyTests {
    @Test func `what others wrote stays and is told, what the author wrote and leaves out goes`() async throws {
        try await Bench.with { bench in
            let people = try await People(bench)
            try await people.apply("eve", ["maximumTimeToLock": 900_000, "minimumApiLevel": 30])
            let first = try await people.apply("jean", ["maximumTimeToLock": 900_000, "systemUpdate.startMinutes": 1])
            #expect(first.notes.contains { $0.contains("minimumApiLevel") && $0.contains("stay") }, "\(first.notes)")
            let second = try await people.apply("jean", ["maximumTimeToLock": 900_000])
            #expect(second.changedAnything)
            #expect(people.values == ["maximumTimeToLock": 900_000, "minimumApiLevel": 30], "his goes, hers stays")
            #expect(try await !people.apply("jean", ["maximumTimeToLock": 900_000]).changedAnything)
            try await people.apply("eve", ["maximumTimeToLock": 900_000])
            #expect(people.values == ["maximumTimeToLock": 900_000], "hers is hers to take out")
        }
    }

    @Test func `the same setting written by another since is a conflict, and one's own is none`() async throws {
        try await Bench.with { bench in
            let people = try await People(bench)
            try await people.apply("jean", ["maximumTimeToLock": 60_000])
            try await people.apply("jean", ["maximumTimeToLock": 50_000])
            await #expect(throws: Refusal.self) { try await people.apply("eve", ["maximumTimeToLock": 40_000]) }
            #expect(people.values == ["maximumTimeToLock": 50_000])
            try await people.apply("eve", ["maximumTimeToLock": 40_000], mode: .merge)
            do {
                try await people.apply("jean", ["maximumTimeToLock": 30_000])
                Issue.record("eve's word was overruled unseen")
            } catch Refusal.conflicting(let conflicts) {
                #expect(conflicts.map(\.written.author) == ["eve"])
            }
            try await people.apply("jean", ["maximumTimeToLock": 30_000], mode: .force)
            #expect(people.values == ["maximumTimeToLock": 30_000])
        }
    }

    @Test func `what others wrote over is told to who says the same again`() async throws {
        try await Bench.with { bench in
            let people = try await People(bench)
            try await people.apply("jean", ["maximumTimeToLock": 60_000, "minimumApiLevel": 30])
            try await people.apply("eve", ["maximumTimeToLock": 40_000], mode: .force)
            let again = ["maximumTimeToLock": 60_000, "minimumApiLevel": 30] as [String: Int64]
            for _ in 0..<2 {
                do {
                    try await people.apply("jean", again)
                    Issue.record("eve's word was passed over in silence")
                } catch Refusal.conflicting(let conflicts) {
                    #expect(conflicts.map(\.written.author) == ["eve"])
                }
                // Kept beside it once, and told each time.
                let kept = try await people.apply("jean", again, mode: .merge)
                #expect(kept.notes.contains { $0.contains("sibling") }, "\(kept.notes)")
            }
            #expect(people.siblings("maximumTimeToLock") == 1)
            #expect(people.values["maximumTimeToLock"] == 40_000)
            try await people.apply("jean", again, mode: .force)
            #expect(people.values == again)
            #expect(try await !people.apply("jean", again).changedAnything)
        }
    }

    @Test func `records that others took out or changed are told, and those that they added are not in the way`()
        async throws
    {
        try await Bench.with { bench in
            let people = try await People(bench)
            try await people.apply("jean", apps: ["a": "BLOCKED", "b": "BLOCKED"])
            try await people.apply("eve", apps: ["c": "BLOCKED"])
            #expect(try await !people.apply("jean", apps: ["a": "BLOCKED", "b": "BLOCKED"]).changedAnything)
            #expect(people.apps == ["a", "b", "c"])
            for others in [["a": "KIOSK", "b": "BLOCKED", "c": "BLOCKED"], ["b": "BLOCKED", "c": "BLOCKED"]] {
                try await people.put("eve", apps: others)
                await #expect(throws: Refusal.self) {
                    try await people.apply("jean", apps: ["a": "BLOCKED", "b": "BLOCKED"])
                }
                #expect(people.apps == others.keys.sorted())
            }
        }
    }

    @Test func `of merged records each takes out only their own`() async throws {
        try await Bench.with { bench in
            let people = try await People(bench)
            try await people.apply("eve", apps: ["c": "BLOCKED"])
            try await people.apply("jean", apps: ["a": "BLOCKED", "b": "BLOCKED"])
            #expect(people.apps == ["a", "b", "c"])
            try await people.apply("jean", apps: ["b": "BLOCKED"])
            #expect(people.apps == ["b", "c"])
            try await people.apply("eve", apps: ["c": "KIOSK", "d": "BLOCKED"])
            #expect(people.apps == ["b", "c", "d"])
            try await people.apply("jean", apps: [:])
            #expect(people.apps == ["c", "d"])
        }
    }

    @Test func `what was written before the log's floor is known still`() async throws {
        try await Bench.with { bench in
            let people = try await People(bench)
            try await people.apply("jean", ["maximumTimeToLock": 60_000, "minimumApiLevel": 30])
            bench.clock.advance(milliseconds: 100 * 86_400_000)
            try await bench.change([.createUnit(try bench.path("/x"))])
            _ = try await bench.engine.compact(before: bench.clock.now - 86_400_000)
            try await people.apply("jean", ["maximumTimeToLock": 50_000])
            #expect(people.values == ["maximumTimeToLock": 50_000])
        }
    }
}

/// Two editors of one policy.
private struct People {
    private let bench: Bench
    private let policy: PolicyReference
    private let editors: [String: Operator]

    init(_ bench: Bench) async throws {
        self.bench = bench
        policy = try #require(PolicyReference("/g:two"))
        var editors: [String: Operator] = [:]
        for (index, name) in ["jean", "eve"].enumerated() {
            let editor = Operator(name: try #require(OperatorName(name)), role: .admin, unit: .root)
            try await bench.change([.appoint(editor, tokenHash: Digest(hashing: [9, UInt8(index)]))])
            editors[name] = editor
        }
        self.editors = editors
    }

    @discardableResult
    func apply(_ name: String, _ values: [String: Int64], mode: ConflictMode = .strict) async throws -> Receipt {
        try await apply(name, .object(["settings": .object(values.mapValues(JSONValue.integer))]), mode)
    }

    @discardableResult
    func apply(_ name: String, apps: [String: String]) async throws -> Receipt {
        try await apply(name, Self.body(apps), .strict)
    }

    private static func body(_ apps: [String: String]) -> JSONValue {
        let records = apps.sorted { $0.key < $1.key }.map { name, type in
            JSONValue.object(["packageName": .string(name), "installType": .string(type)])
        }
        return .object(["settings": .object(["applications": .array(records)])])
    }

    /// By somebody who has read it.
    func put(_ name: String, apps: [String: String]) async throws {
        let base = bench.engine.snapshot.world.seq
        try await change(name, [.putPolicy(policy, Self.body(apps), base: base)], .strict)
    }

    func siblings(_ key: String) -> Int {
        bench.engine.snapshot.world.policy(policy)?.settings[key]?.siblings.count ?? 0
    }

    private func apply(_ name: String, _ body: JSONValue, _ mode: ConflictMode) async throws -> Receipt {
        try await change(name, [Edit.applyPolicy(policy, body)], mode)
    }

    @discardableResult
    private func change(_ name: String, _ edits: [Edit], _ mode: ConflictMode) async throws -> Receipt {
        let change = ChangeSet(
            intent: "\(name)-\(UInt64.random(in: 0 ... .max))", reason: "test", mode: mode, edits: edits,
            request: Digest(hashing: CanonicalWriter.bytes(of: .array(edits.map(\.json)))))
        return try await bench.engine.apply(change, by: try #require(editors[name]))
    }

    private var body: [String: JSONValue] { bench.engine.snapshot.world.policy(policy)?.body.values ?? [:] }

    var values: [String: Int64] { body.compactMapValues(\.integer) }

    var apps: [String] { (body["applications"]?.array ?? []).compactMap { $0["packageName"]?.string } }
}
