import SyncCore
import SyncEngine
import TestSupport
import Testing

/// What a plan says of a change before it is made.
@Suite struct PlanTests {
    @Test func `what has no effect is told, with who decides and why`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision([bench.row(1, "/g"), bench.row(2, "/p")])])
            for number in 1...2 { _ = try await bench.enrol(number, credential: number) }
            let (base, lock) = (try #require(PolicyReference("/:base")), try #require(PolicyReference("/g:lock")))
            let baseline = policy(
                [
                    "maximumTimeToLock": .integer(900), "appAutoUpdatePolicy": .string("WIFI_ONLY"),
                    "funDisabled": .bool(true),
                ], enforced: ["appAutoUpdatePolicy"])
            try await bench.change([.putPolicy(base, baseline), .bind(base, .unit(.root), nil)])
            let wanted = policy([
                "maximumTimeToLock": .integer(950), "appAutoUpdatePolicy": .string("NEVER"), "smsDisabled": .bool(true),
                "funDisabled": .bool(true),
            ])
            let plan = try await bench.plan([
                .putPolicy(lock, wanted), .bind(lock, .unit(try bench.path("/g")), nil),
            ])
            #expect(plan.changed == 1 && plan.settings.map(\.key) == ["smsDisabled"])
            let contests = Dictionary(uniqueKeysWithValues: plan.contested.map { ($0.contest.key, $0) })
            #expect(contests.keys.sorted() == ["appAutoUpdatePolicy", "maximumTimeToLock"], "agreement is no contest")
            let update = try #require(contests["appAutoUpdatePolicy"])
            #expect(update.devices == 1 && update.contest.isLost && update.contest.isEnforced)
            #expect(update.contest.value == .string("WIFI_ONLY"))
            #expect(update.contest.sides.map(\.policy) == ["/:base", "/g:lock"])
            #expect(update.contest.sides.map(\.isYours) == [false, true])
            let time = try #require(contests["maximumTimeToLock"]).contest
            #expect(time.isLost && !time.isEnforced && time.sides.last?.loss == .lessStrict)
        }
    }

    @Test func `deletions are spelled out`() async throws {
        try await Bench.with { bench in
            let lock = try #require(PolicyReference("/g:lock"))
            try await bench.change([.putPolicy(lock, policy(["funDisabled": .bool(true), "smsDisabled": .bool(true)]))])
            let plan = try await bench.plan([.putPolicy(lock, policy(["funDisabled": .bool(true)]))])
            #expect(plan.removed == ["/g:lock smsDisabled"])
        }
    }

    @Test func `a setting limited by another is told`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision([bench.row(1, "/g")])])
            _ = try await bench.enrol(1, credential: 1)
            let lock = try #require(PolicyReference("/g:lock"))
            let plan = try await bench.plan([
                .putPolicy(
                    lock,
                    policy([
                        "maximumTimeToLock": .integer(60_000),
                        "displaySettings.screenTimeoutSettings.screenTimeout": .string("300s"),
                    ])), .bind(lock, .unit(try bench.path("/g")), nil),
            ])
            let contest = try #require(plan.contested.first?.contest)
            #expect(contest.clampedBy == "maximumTimeToLock" && contest.value == .string("60s"))
        }
    }

    private func policy(_ values: [String: JSONValue], enforced: [String] = []) -> JSONValue {
        .object(["settings": .object(values), "enforced": .array(enforced.map(JSONValue.string))])
    }
}
