import SyncCore
import SyncEngine
import TestSupport
import Testing

/// Pushes: their size in the log, their plan, and what they may not do.
@Suite struct PushTests {
    @Test func `a push to 10,000 enrolled devices is one transaction of as many entries as settings`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision((0..<10_000).map { bench.row($0, "/g") })])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for device in 0..<10_000 { group.addTask { _ = try await bench.enrol(device, credential: device) } }
                try await group.waitForAll()
            }
            let before = bench.engine.snapshot.world.seq
            let policy = try #require(PolicyReference("/:all"))
            let receipt = try await bench.change([
                .putPolicy(policy, .object(["funDisabled": .bool(true), "smsDisabled": .bool(true)])),
                .bind(policy, .unit(.root), nil),
            ])
            #expect(receipt.transaction.entries.count == 4, "created, two settings, bound")
            #expect(bench.engine.snapshot.world.seq == before + 4)
        }
    }

    @Test func `a plan holds while nothing it rests on moves`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision([bench.row(1, "/g"), bench.row(2, "/g")])])
            _ = try await bench.enrol(1, credential: 1)
            let policy = try #require(PolicyReference("/:p"))
            let edits: [Edit] = [
                .putPolicy(policy, .object(["maximumTimeToLock": .integer(1_000)])), .bind(policy, .unit(.root), nil),
            ]
            let plan = try await bench.plan(edits)
            #expect(plan.changed == 1 && plan.settings.map(\.key) == ["maximumTimeToLock"])
            _ = try await bench.enrol(2, credential: 2)
            #expect(try await bench.plan(edits).hash == plan.hash, "one device more is no other plan")
            let other = try #require(PolicyReference("/:other"))
            try await bench.change([
                .putPolicy(other, .object(["maximumTimeToLock": .integer(500)])), .bind(other, .unit(.root), nil),
            ])
            let reference = Engine.PlanReference(seq: plan.seq, hash: plan.hash)
            do {
                try await bench.change(edits, plan: reference)
                Issue.record("a stale plan was taken")
            } catch let Refusal.planStale(drift) {
                #expect(drift.moved.count == 3, "created, set, bound: \(drift.moved)")
            }
        }
    }

    @Test func `policies that would break a constraint together are refused and named`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision([bench.row(1, "/g")])])
            _ = try await bench.enrol(1, credential: 1)
            func rule(_ action: String, _ days: String, _ count: Int64) -> JSONValue {
                .object([
                    "policyEnforcementRules": .array([
                        .object(["settingName": .string("s"), action: .object([days: .integer(count)])])
                    ])
                ])
            }
            let (wipe, block) = (try #require(PolicyReference("/:wipe")), try #require(PolicyReference("/g:block")))
            try await bench.change([
                .putPolicy(wipe, rule("wipeAction", "wipeAfterDays", 3)), .bind(wipe, .unit(.root), nil),
            ])
            do {
                try await bench.change([
                    .putPolicy(block, rule("blockAction", "blockAfterDays", 5)),
                    .bind(block, .unit(try bench.path("/g")), nil),
                ])
                Issue.record("a broken constraint was taken")
            } catch let Refusal.constraintBroken(broken) {
                #expect(broken.map(\.policies) == [["/:wipe", "/g:block"]])
            }
        }
    }

    @Test func `writing an equal value again does not make it the later one`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision([bench.row(1, "/g")])])
            let device = try await bench.enrol(1, credential: 1)
            let (first, second) = (try #require(PolicyReference("/:a")), try #require(PolicyReference("/:b")))
            func put(_ reference: PolicyReference, _ value: String, isEnforced: Bool = true) -> Edit {
                let enforced: [JSONValue] = isEnforced ? [.string("appAutoUpdatePolicy")] : []
                return .putPolicy(
                    reference,
                    .object([
                        "settings": .object(["appAutoUpdatePolicy": .string(value)]), "enforced": .array(enforced),
                    ]))
            }
            try await bench.change([
                put(first, "NEVER"), .bind(first, .unit(.root), nil), put(second, "ALWAYS"),
                .bind(second, .unit(.root), nil),
            ])
            try await bench.change([put(first, "NEVER", isEnforced: false)])
            try await bench.change([put(first, "NEVER")])
            let document = try bench.engine.explain(device.id, for: bench.admin).document
            #expect(document["appAutoUpdatePolicy"] == .string("ALWAYS"), "the second was decided later")
        }
    }
}
