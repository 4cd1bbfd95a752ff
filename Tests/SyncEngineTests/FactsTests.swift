import SyncCore
import SyncEngine
import Synchronization
import TestSupport
import Testing

/// Policies bound by what devices say of themselves.
@Suite struct FactsTests {
    @Test func `a fact that a selector reads moves and wakes its device, another wakes nobody`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision([bench.row(1, "/g"), bench.row(2, "/g")])])
            let device = try await bench.enrol(1, credential: 1, facts: try facts(apiLevel: 34))
            _ = try await bench.enrol(2, credential: 2, facts: try facts(apiLevel: 30))
            let strict = try #require(PolicyReference("/:strict"))
            let body = JSONValue.object(["funDisabled": .bool(true)])
            let edits: [Edit] = [
                .putPolicy(strict, body), .bind(strict, .unit(.root), try Selector("fact.apiLevel<33")),
            ]
            let plan = try await bench.plan(edits)
            #expect(plan.changed == 1 && plan.notes.contains { $0.contains("report of themselves") }, "\(plan.notes)")
            try await bench.change(edits)
            let publications = Mutex<[Publication]>([])
            bench.engine.subscribe { publication in publications.withLock { $0.append(publication) } }
            func document() throws -> JSONValue { try bench.engine.explain(device.id, for: bench.admin).document }
            func record(_ facts: Facts, _ number: UInt64) async throws -> Bool {
                publications.withLock { $0 = [] }
                let known = try #require(bench.engine.snapshot.world.devices[device.id])
                #expect(try await bench.take(bench.report(number, of: known), facts: facts, of: known).isNewReport)
                return publications.withLock { $0.contains { $0.concerns(device.id, in: device.unit) } }
            }
            #expect(try document() == .object([:]))
            #expect(try await record(try facts(apiLevel: 32), 1), "it must be woken")
            #expect(try document() == body)
            #expect(
                try await !record(try facts(apiLevel: 32, patchMonth: "2026-11"), 2), "nobody reads the patch month")
            #expect(try await record(try facts(apiLevel: nil), 3), "what is unknown meets no condition")
            #expect(try document() == .object([:]))
        }
    }

    /// The second is checked after the first, though both were sent when the device was still another.
    @Test func `of two reports at once the newer says what the device is, and an older one nothing`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision([bench.row(1, "/g")])])
            let (first, second) = (try facts(apiLevel: 34), try facts(apiLevel: 30))
            let device = try await bench.enrol(1, credential: 1, facts: first)
            async let one = bench.take(bench.report(1, of: device), facts: second, of: device)
            async let two = bench.take(bench.report(2, of: device), facts: first, of: device)
            _ = try await (one, two)
            #expect(bench.engine.snapshot.world.devices[device.id]?.facts == first)
            _ = try await bench.take(bench.report(4, of: device), facts: first, of: device)
            #expect(try await !bench.take(bench.report(3, of: device), facts: second, of: device).isNewReport)
            #expect(bench.engine.snapshot.world.devices[device.id]?.facts == first)
        }
    }

    @Test func `a device that was revoked meanwhile says nothing more of itself`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision([bench.row(1, "/g")])])
            let device = try await bench.enrol(1, credential: 1, facts: try facts(apiLevel: 34))
            try await bench.change([.revoke(device.id)])
            let before = bench.engine.snapshot.world.seq
            _ = try await bench.take(bench.report(1, of: device), facts: try facts(apiLevel: 30), of: device)
            #expect(bench.engine.snapshot.world.seq == before)
        }
    }

    @Test func `what could loosen is refused when it is bound and when it is written`() async throws {
        try await Bench.with { bench in
            let policy = try #require(PolicyReference("/:p"))
            let selector = try Selector("fact.formFactor=tablet")
            try await bench.change([.putPolicy(policy, .object(["appAutoUpdatePolicy": .string("NEVER")]))])
            await #expect(throws: Refusal.self) {
                try await bench.change([.bind(policy, .unit(.root), selector)])
            }
            try await bench.change([
                .putPolicy(policy, .object(["funDisabled": .bool(true)])), .bind(policy, .unit(.root), selector),
            ])
            do {
                try await bench.change([.putPolicy(policy, .object(["appAutoUpdatePolicy": .string("NEVER")]))])
                Issue.record("a loosening was taken")
            } catch let Refusal.loosensByFacts(_, problems) {
                #expect(problems.map(\.key) == ["appAutoUpdatePolicy"])
            }
        }
    }

    private func facts(apiLevel: Int?, patchMonth: String? = nil) throws -> Facts {
        var members: [String: JSONValue] = [:]
        members["apiLevel"] = apiLevel.map { .integer(Int64($0)) }
        members["patchMonth"] = patchMonth.map(JSONValue.string)
        return try Facts(.object(members))
    }
}
