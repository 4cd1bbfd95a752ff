import Logging
import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore
import SyncStoreTesting
import TestSupport
import Testing

/// The engine on the memory store: change sets, intents, a lot, a restart, a disk that fails.
@Suite struct EngineTests {
    @Test func `a change set is done whole or not at all`() async throws {
        try await Bench.with { bench in
            let before = bench.engine.snapshot.world.seq
            let unit = try bench.path("/new")
            let missing = try #require(PolicyReference("/new:missing"))
            await #expect(throws: Refusal.unknownPolicy(missing)) {
                try await bench.change([.createUnit(unit), .bind(missing, .unit(unit), nil)])
            }
            #expect(bench.engine.snapshot.world.seq == before)
            #expect(!bench.engine.snapshot.world.hasUnit(unit))
        }
    }

    @Test func `an intent is done once, and only for the request it was made for`() async throws {
        try await Bench.with { bench in
            let edits = [Edit.createUnit(try bench.path("/once"))]
            let first = try await bench.change(edits, intent: "i")
            let again = try await bench.change(edits, intent: "i")
            #expect(again.isReplay && again.transaction == first.transaction)
            await #expect(throws: Refusal.intentReused("i")) {
                try await bench.change([.createUnit(try bench.path("/twice"))], intent: "i")
            }
            await #expect(throws: Refusal.unitExists(try bench.path("/once"))) {
                try await bench.change(edits, intent: "j")
            }
        }
    }

    @Test func `a change that changes nothing is remembered`() async throws {
        try await Bench.with { bench in
            let policy = try #require(PolicyReference("/:p"))
            let put = { (value: Bool) in [Edit.putPolicy(policy, .object(["funDisabled": .bool(value)]))] }
            try await bench.change(put(true), intent: "1")
            let nothing = try await bench.change(put(true), intent: "2")
            #expect(!nothing.changedAnything)
            try await bench.change(put(false), intent: "3")
            #expect(try await bench.change(put(true), intent: "2").isReplay)
            #expect(bench.engine.snapshot.world.policy(policy)?.body.values == ["funDisabled": .bool(false)])
        }
    }

    @Test func `a lot with bad rows names each and takes none`() async throws {
        try await Bench.with { bench in
            let good = bench.row(1, "/g"), twin = bench.row(1, "/g", token: 9), lost = bench.row(2, "/nowhere")
            do {
                try await bench.change([.provision([good, twin, lost])])
                Issue.record("the lot was taken")
            } catch let Refusal.lotRefused(problems) {
                #expect(problems.map(\.row) == [2, 3])
                #expect(problems.map(\.field) == ["serial", "unit"])
            }
            #expect(bench.engine.snapshot.world.devices.isEmpty)
        }
    }

    @Test func `a token enrols as often as it may, and the same credential once`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision([bench.row(1, "/g")])])
            let first = try await bench.enrol(1, credential: 1)
            #expect(try await bench.enrol(1, credential: 1).id == first.id)
            await #expect(throws: Refusal.tokenSpent) { try await bench.enrol(1, credential: 2) }
            try await bench.change([.revoke(first.id)])
            await #expect(throws: Refusal.self) { try await bench.enrol(1, credential: 1) }
        }
    }

    @Test func `the World rebuilt from the log is the same`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision((0..<50).map { bench.row($0, $0 % 2 == 0 ? "/g" : "/p") })])
            for device in 0..<50 { _ = try await bench.enrol(device, credential: device) }
            let policy = try #require(PolicyReference("/g:p"))
            try await bench.change([
                .putPolicy(policy, .object(["frpAdminEmails": .array([.string("a@b.example")])])),
                .bind(policy, .unit(try bench.path("/g")), nil),
            ])
            let again = try await Engine.open(
                bench.store, catalog: try Catalog.embedded(), logger: Bench.logger, now: { Bench.now })
            let (old, new) = (bench.engine.snapshot.world, again.snapshot.world)
            #expect(old.seq == new.seq && old.policySeq == new.policySeq)
            for device in old.devices.keys {
                let documents = [bench.engine, again].map { try? $0.explain(device, for: bench.admin).document }
                #expect(documents[0] == documents[1])
            }
        }
    }

    @Test func `nothing is acknowledged once the disk has failed`() async throws {
        let store = FaultyStore(MemoryStore(epoch: 1), failingAfter: 3)
        do {
            try await Bench.with(store) { bench in
                try await bench.change([.createUnit(try bench.path("/last"))], intent: "last")
                for _ in 0..<2 {
                    do {
                        try await bench.change([.createUnit(try bench.path("/lost"))], intent: "lost")
                        Issue.record("acknowledged after the disk failed")
                    } catch Refusal.unavailable {}
                }
                #expect(!bench.engine.snapshot.world.hasUnit(try bench.path("/lost")))
            }
            Issue.record("the engine went on after the disk failed")
        } catch StoreError.failed("the disk fails on purpose") {}
    }
}
