import SyncCore
import SyncStore
import SyncStoreTesting
import Synchronization
import TestSupport
import Testing

@testable import SyncEngine

/// Two lanes that write beside each other, on a store that others write to and that may be full.
@Suite struct CommitQueueTests {
    @Test func `a full disk refuses what would be written, and work resumes when there is room`() async throws {
        let store = FaultyStore(MemoryStore(epoch: 1))
        try await Bench.with(store) { bench in
            try await bench.change([.provision([bench.row(1, "/g")])])
            let device = try await bench.enrol(1, credential: 1)
            bench.engine.devices.saw(device.id, enrolment: device.enrolment, have: nil, at: 5)
            let before = bench.engine.snapshot.world.seq
            store.fail(with: .full)
            await #expect(throws: Refusal.storeFull) {
                try await bench.change([.createUnit(try bench.path("/full"))], intent: "one")
            }
            await #expect(throws: Refusal.storeFull) { try await bench.take(bench.report(1, of: device), of: device) }
            bench.engine.flushSeen()
            #expect(bench.engine.snapshot.world.seq == before)
            store.heal()
            try await bench.change([.createUnit(try bench.path("/full"))], intent: "one")
            #expect(try await bench.take(bench.report(1, of: device), of: device).isNewReport)
            bench.engine.flushSeen()
            _ = try await bench.take(bench.report(2, of: device), of: device)
            let seen = try await store.read { try $0.seen(after: nil, limit: 9) }
            #expect(seen.map(\.device) == [device.id], "what could not be written down is written down later")
        }
    }

    /// Each finds the head moved again and again, and works out anew what it was about to write.
    @Test func `two processes write one log, and both have all of it`() async throws {
        let store = MemoryStore(epoch: 1)
        try await Bench.with(store) { first in
            try await first.change([.provision((1...60).map { first.row($0, "/g") })])
            try await Bench.with(store) { second in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 1...60 {
                        let bench = number % 2 == 0 ? first : second
                        group.addTask {
                            _ = try await bench.enrol(number, credential: number)
                            try await bench.change([.createUnit(try bench.path("/g/u\(number)"))])
                        }
                    }
                    try await group.waitForAll()
                }
                // Whoever writes last has read what came before.
                try await first.change([.createUnit(try first.path("/p/last"))], intent: "last")
                try await second.change([.createUnit(try second.path("/p/very-last"))], intent: "very last")
                let log = try await store.read { try $0.transactions(after: 0, limit: .max) }
                var expected = World(epoch: 1, catalog: second.engine.snapshot.world.catalog)
                for transaction in log { expected.apply(transaction) }
                try SameWorld.expect(second.engine.snapshot.world, expected, "the other process")
                #expect(log.flatMap(\.entries).map(\.seq) == Array(1...expected.seq))
                #expect(expected.unitPaths.count == 65 && expected.devices.count == 60)
            }
        }
    }

    @Test func `a repeated intent in one batch is done once`() async throws {
        try await Bench.with { bench in
            let path = try bench.path("/once")
            let seqs = try await withThrowingTaskGroup(of: Seq.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await bench.change([.createUnit(path)], intent: "once").transaction.lastSeq }
                }
                return try await group.reduce(into: Set<Seq>()) { $0.insert($1) }
            }
            #expect(seqs.count == 1)
        }
    }

    /// A device that says two things at once: the one that is newer counts, in whichever lane it is.
    @Test func `what one device says keeps its order across the lanes`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision((1...20).map { bench.row($0, "/g") })])
            for number in 1...20 {
                let device = try await bench.enrol(number, credential: number)
                let left = Mutex(10)
                await withCheckedContinuation { continuation in
                    for report in 1...10 as ClosedRange<UInt64> {
                        let facts = try? Facts(
                            .object(["patchMonth": .string("2026-\(report < 10 ? "0" : "")\(report)")]))
                        bench.engine.take(
                            bench.report(report, of: device), facts: report == 10 || report % 3 == 0 ? facts : nil, nil,
                            of: device
                        ) { _ in
                            let isLast = left.withLock { left in
                                left -= 1
                                return left == 0
                            }
                            if isLast { continuation.resume() }
                        }
                    }
                }
                let world = bench.engine.snapshot.world
                #expect(world.devices[device.id]?.facts.json["patchMonth"] == .string("2026-10"))
                #expect(try await bench.engine.report(of: device.id)?.number == 10)
            }
        }
    }

    @Test func `times in the log do not go back with the clock`() async throws {
        let clock = TestClock(Bench.now)
        let store = MemoryStore(epoch: 1)
        try await Bench.with(store, clock: clock) { bench in
            clock.advance(milliseconds: 5_000)
            try await bench.change([.createUnit(try bench.path("/late"))])
            clock.advance(milliseconds: -9_000)
            try await bench.change([.createUnit(try bench.path("/early"))])
        }
        clock.advance(milliseconds: -9_000)
        try await Bench.with(store, clock: clock) { bench in
            try await bench.change([.createUnit(try bench.path("/restarted"))])
        }
        let times = try await store.read { try $0.transactions(after: 0, limit: 99).map(\.header.received) }
        #expect(times == times.sorted() && times.last == Bench.now + 5_000)
    }

    @Test func `a change set that costs more than one may is refused`() async throws {
        try await Bench.with { bench in
            let policy = try #require(PolicyReference("/g:large"))
            let body = JSONValue.object([
                "maximumTimeToLock": .integer(60_000), "cameraDisabled": .bool(true),
                "locationMode": .string("LOCATION_ENFORCED"),
            ])
            try await bench.change([.putPolicy(policy, body, base: nil)])
            let edits = (0..<(Limits.workOfChangeSet / 3)).map { _ in Edit.putPolicy(policy, body, base: nil) }
            let refusal = await #expect(throws: Refusal.self) { try await bench.change(edits) }
            if case .tooMuchWork? = refusal {} else { Issue.record("\(String(describing: refusal))") }
        }
    }
}
