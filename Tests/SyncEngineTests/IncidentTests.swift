import SyncCore
@testable import SyncEngine
import SyncStore
import TestSupport
import Testing

/// Incidents: above every other layer, by admins, and over when their time is.
@Suite struct IncidentTests {
    @Test func `an incident goes before all else, and ends by an entry of the system`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision([bench.row(1, "/g")])])
            let device = try await bench.enrol(1, credential: 1)
            let (base, lost) = (try #require(PolicyReference("/:base")), try #require(PolicyReference("/g:lost")))
            try await bench.change([
                .putPolicy(base, enforced("NEVER")), .bind(base, .unit(.root), nil),
                .putPolicy(lost, enforced("ALWAYS")),
                .bind(lost, .device(device.id), nil, incidentUntil: Bench.now + 60_000),
            ])
            func value() throws -> JSONValue? {
                try bench.engine.explain(device.id, for: bench.admin).document["appAutoUpdatePolicy"]
            }
            #expect(try value() == .string("ALWAYS"), "an enforced incident goes before an enforced baseline")
            bench.clock.advance(milliseconds: 59_999)
            bench.engine.expireIncidents()
            try await bench.change([.createUnit(try bench.path("/g/early"))])
            #expect(try value() == .string("ALWAYS"))
            bench.clock.advance(milliseconds: 1)
            #expect(try value() == .string("ALWAYS"), "until the entry exists the old state holds")
            for _ in 0..<2 { bench.engine.expireIncidents() }
            try await bench.change([.createUnit(try bench.path("/g/late"))])
            #expect(try value() == .string("NEVER"))
            let log = try await bench.engine.log(after: 0, atMost: PageBound(entries: 1_000, bytes: .max))
            let expiries = log.parts.filter { $0.header.intent.hasPrefix("expire/") }
            #expect(expiries.map(\.header.author) == ["system"], "once")
        }
    }

    @Test func `a clock that jumps ends no incident before it has kept pace`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision([bench.row(1, "/g")])])
            let device = try await bench.enrol(1, credential: 1)
            let lost = try #require(PolicyReference("/g:lost"))
            let hours: Int64 = 3_600_000
            try await bench.change([
                .putPolicy(lost, enforced("ALWAYS")),
                .bind(lost, .device(device.id), nil, incidentUntil: Bench.now + 12 * hours),
            ])
            func isOver(_ unit: String) async throws -> Bool {
                bench.engine.expireIncidents()
                try await bench.change([.createUnit(try bench.path(unit))])
                return bench.engine.snapshot.world.incidents.isEmpty
            }
            #expect(try await !isOver("/g/a"))
            // A day ahead for seven seconds, then right again.
            #expect(bench.engine.warnings == [])
            bench.clock.jump(milliseconds: 24 * hours)
            #expect(try await !isOver("/g/b"))
            bench.clock.advance(milliseconds: 7_000)
            #expect(try await !isOver("/g/c"))
            #expect(bench.engine.warnings == [.clockDoubted])
            bench.clock.jump(milliseconds: -24 * hours)
            #expect(try await !isOver("/g/d"))
            bench.clock.advance(milliseconds: 12 * hours)
            #expect(try await isOver("/g/e"), "its time has passed")
        }
    }

    @Test func `a clock that is ahead at the start is believed after an hour`() {
        let (newest, hours): (Int64, Int64) = (Bench.now, 3_600_000)
        var doubts: [Bool] = []
        for ahead in [-24 * hours, 24 * hours, 24 * hours + 1] {
            doubts.append(ClockWatch(wall: newest + ahead, running: 5, newest: newest).isDoubting)
        }
        #expect(doubts == [false, false, true], "what is behind ends nothing early")
        var far = ClockWatch(wall: newest + 48 * hours, running: 5, newest: newest)
        var looks: [Bool] = []
        for time in [5_000, hours - 1, hours] {
            looks.append(far.look(wall: newest + 48 * hours + time, running: 5 + time))
        }
        #expect(looks == [false, false, true])
    }

    @Test func `a clock far ahead of the newest entry holds forgetting back`() async throws {
        try await Bench.with { bench in
            let before = try await bench.engine.isClockAhead()
            bench.clock.jump(milliseconds: 86_400_001)
            let after = try await bench.engine.isClockAhead()
            #expect(!before && after)
        }
    }

    @Test func `an incident needs an admin, and an end within 30 days`() async throws {
        try await Bench.with { bench in
            let policy = try #require(PolicyReference("/g:p"))
            let unit = Assignment.Target.unit(try bench.path("/g"))
            try await bench.change([.putPolicy(policy, enforced("NEVER"))])
            for end in [Bench.now, Bench.now + 31 * 86_400_000] {
                await #expect(throws: Refusal.incidentTime(end, now: Bench.now)) {
                    try await bench.change([.bind(policy, unit, nil, incidentUntil: end)])
                }
            }
            let editor = Operator(name: bench.admin.name, role: .editor, unit: .root)
            let changeSet = bench.changeSet([.bind(policy, unit, nil, incidentUntil: Bench.now + 1_000)])
            await #expect(throws: Refusal.denied(.needs(.admin))) { try await bench.engine.plan(changeSet, by: editor) }
        }
    }

    private func enforced(_ value: String) -> JSONValue {
        .object([
            "settings": .object(["appAutoUpdatePolicy": .string(value)]),
            "enforced": .array([.string("appAutoUpdatePolicy")]),
        ])
    }
}
