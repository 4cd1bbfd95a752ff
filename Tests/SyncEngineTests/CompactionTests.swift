import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore
import SyncStoreSQLite
import TestSupport
import Testing

/// What was forgotten is refused, and everything else goes on as if nothing had been.
@Suite struct CompactionTests {
    private let policy = PolicyReference("/g:p")

    /// Puts a value at the time that the clock shows; gives the position.
    private func put(
        _ bench: Bench, _ settings: [String: JSONValue], base: Seq? = nil, mode: ConflictMode = .strict
    ) async throws(Refusal) -> Seq {
        guard let policy else { return 0 }
        bench.clock.advance(milliseconds: 1_000)
        let changeSet = ChangeSet(
            intent: "at \(bench.clock.now)", reason: "because", mode: mode,
            base: base ?? bench.engine.snapshot.world.seq, edits: [.putPolicy(policy, .object(settings))],
            request: Digest(hashing: CanonicalWriter.bytes(of: .object(settings))))
        return try await bench.engine.apply(changeSet, by: bench.admin).transaction.lastSeq
    }

    private func lock(_ seconds: Int64) -> [String: JSONValue] { ["maximumTimeToLock": .integer(seconds)] }

    /// A policy written at four times, and what a look at the first three must say.
    private func fill(_ bench: Bench) async throws -> [Seq] {
        var positions: [Seq] = []
        for value in 1...4 { positions.append(try await put(bench, lock(Int64(value)))) }
        return positions
    }

    @Test func `below the floor is refused; the floor and what comes after it are as they were`() async throws {
        try await Bench.with { bench in
            let at = try await fill(bench)
            let time = bench.clock.now
            let done = try #require(try await bench.engine.compact(before: time - 1_000))
            #expect(done.floor.seq == at[1] && done.entries == at[1] && done.floor.received == time - 2_000)
            #expect(try await bench.engine.compact(before: time - 1_000) == nil, "nothing more to do")
            let engines = [bench.engine, try await reopened(bench)]
            for engine in engines {
                #expect(engine.floor == done.floor)
                for moment in [Moment.position(at[1] - 1), .position(0), .time(time - 2_001)] {
                    await #expect(throws: Refusal.compacted(floor: at[1])) { try await engine.world(at: moment) }
                }
                for (moment, value) in [
                    (Moment.position(at[1]), 2), (.time(time - 2_000), 2), (.position(at[2]), 3), (.time(time), 4),
                ] as [(Moment, Int64)] {
                    let world = try await engine.world(at: moment)
                    #expect(try world.policy(#require(policy))?.body.values == lock(value), "\(moment)")
                }
                await #expect(throws: Refusal.compacted(floor: at[1])) {
                    try await engine.log(after: at[1] - 1, atMost: PageBound(entries: 1_000, bytes: .max))
                }
                for after in [nil, at[1]] {
                    let page = try await engine.log(after: after, atMost: PageBound(entries: 1_000, bytes: .max))
                    #expect(page.after == at[1] && page.parts.map(\.firstSeq) == Array(at[2...]))
                }
            }
        }
    }

    @Test func `a moment that was looked at is refused too once it is forgotten`() async throws {
        try await Bench.with { bench in
            let at = try await fill(bench)
            _ = try await bench.engine.world(at: .position(at[0]))
            _ = try await bench.engine.compact(before: bench.clock.now)
            await #expect(throws: Refusal.compacted(floor: at[2])) {
                try await bench.engine.world(at: .position(at[0]))
            }
        }
    }

    @Test func `an intent is forgotten with its transaction`() async throws {
        try await Bench.with { bench in
            let edits = [Edit.createUnit(try bench.path("/once"))]
            try await bench.change(edits, intent: "old")
            bench.clock.advance(milliseconds: 1_000)
            try await bench.change([.createUnit(try bench.path("/twice"))], intent: "young")
            _ = try await bench.engine.compact(before: bench.clock.now)
            await #expect(throws: Refusal.unitExists(try bench.path("/once"))) {
                try await bench.change(edits, intent: "old")
            }
            #expect(try await bench.change([.createUnit(try bench.path("/twice"))], intent: "young").isReplay)
        }
    }

    @Test func `what an author saw below the floor is never guessed`() async throws {
        try await Bench.with { bench in
            let policy = try #require(policy)
            let camera: [String: JSONValue] = ["cameraAccess": .string("CAMERA_ACCESS_DISABLED")]
            let old = try await put(bench, lock(1).merging(camera) { $1 })
            _ = try await put(bench, lock(2).merging(camera) { $1 })
            bench.clock.advance(milliseconds: 1_000)
            _ = try await bench.engine.compact(before: bench.clock.now)
            // What was not written since is as he saw it; he may say the same as the others, and edit what is his.
            var same = lock(2).merging(camera) { $1 }
            same["funDisabled"] = .bool(true)
            _ = try await put(bench, same, base: old)
            #expect(bench.engine.snapshot.world.policy(policy)?.body.values == same)
            // Left as it was then, and left out: both conflict, for nobody knows which of it is an edit.
            for mine in [lock(1), [:]] {
                let body = mine.merging(camera) { $1 }
                do throws(Refusal) {
                    _ = try await put(bench, body, base: old)
                    Issue.record("\(mine) was taken")
                } catch {
                    guard case .conflicting(let found) = error else { throw error }
                    #expect(found.map(\.key) == ["funDisabled", "maximumTimeToLock"])
                    #expect(found.allSatisfy { $0.isForgotten && $0.seen == nil })
                }
            }
            _ = try await put(bench, camera, base: old, mode: .merge)
            let merged = try #require(bench.engine.snapshot.world.policy(policy))
            #expect(merged.body.values == same && merged.settings["maximumTimeToLock"]?.siblings.map(\.value) == [nil])
            _ = try await put(bench, lock(1).merging(camera) { $1 }, base: old, mode: .force)
            #expect(bench.engine.snapshot.world.policy(policy)?.body.values == lock(1).merging(camera) { $1 })
        }
    }

    @Test func `bases at and above the floor are what they were`() async throws {
        try await Bench.with { bench in
            let first = try await put(bench, ["accountTypesWithManagementDisabled": .array([.string("a")])])
            bench.clock.advance(milliseconds: 1_000)
            _ = try await bench.engine.compact(before: bench.clock.now)
            #expect(bench.engine.floor?.seq == first)
            let types = ["a", "b"].map(JSONValue.string)
            _ = try await put(bench, ["accountTypesWithManagementDisabled": .array(types)])
            _ = try await put(
                bench, ["accountTypesWithManagementDisabled": .array([types[0], .string("c")])], base: first)
            let merged = try bench.engine.snapshot.world.policy(#require(policy))?.body.values[
                "accountTypesWithManagementDisabled"]
            #expect(merged == .array(types + [.string("c")]))
        }
    }

    @Test func `a clock that ran ahead throws nothing younger away`() async throws {
        try await Bench.with { bench in
            let first = try await put(bench, lock(1))
            bench.clock.advance(milliseconds: 1_000_000)
            _ = try await put(bench, lock(2))
            bench.clock.advance(milliseconds: -1_000_000)
            for value in 3...9 { _ = try await put(bench, lock(Int64(value))) }
            #expect(try await bench.engine.compact(before: bench.clock.now)?.floor.seq == first)
        }
    }

    @Test func `changes go on while the log is compacted, and none is lost`() async throws {
        let folder = try TemporaryFolder()
        try SQLiteStore.create(at: folder.path("a.sqlite"), epoch: 1)
        try await Bench.with(try SQLiteStore(path: folder.path("a.sqlite"))) { bench in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<3 {
                    group.addTask {
                        for index in 0..<40 {
                            bench.clock.advance(milliseconds: 10)
                            try await bench.change(
                                [.createUnit(try bench.path("/g/w\(writer)-\(index)"))], intent: "\(writer)/\(index)")
                        }
                    }
                }
                group.addTask {
                    for _ in 0..<20 { _ = try await bench.engine.compact(before: bench.clock.now - 50) }
                }
                try await group.waitForAll()
            }
            // Where all of it was done before anything was old enough.
            bench.clock.advance(milliseconds: 100)
            _ = try await bench.engine.compact(before: bench.clock.now - 50)
            let (old, new) = (bench.engine.snapshot.world, try await reopened(bench).snapshot.world)
            #expect(old.unitPaths.count == 123 && old.unitPaths.sorted() == new.unitPaths.sorted())
            #expect(old.seq == new.seq && bench.engine.floor != nil)
            let leaves = try await bench.store.read { try $0.leaves(after: 0, limit: .max) }
            #expect(Seq(leaves.count) == old.seq)
        }
    }

    @Test func `a damaged state is not taken for the truth`() async throws {
        for (pieces, hash) in [
            ([[UInt8]("{}\n".utf8)], Digest(hashing: [1])),
            ([Array("nonsense\n".utf8)], Digest(hashing: Array("nonsense\n".utf8))),
        ] {
            let store = MemoryStore(epoch: 1)
            let catalog = try Catalog.embedded()
            try await Founding.write(
                to: store, catalog: catalog, admin: try #require(OperatorName("admin")), tokenHash: hash, now: 1)
            let floor = Floor(seq: try await store.read { try $0.head().seq }, received: 1, state: hash)
            #expect(try await store.compact(to: floor, replacing: nil, state: pieces))
            do {
                _ = try await Engine.open(store, catalog: catalog, logger: Bench.logger, now: { 1 })
                Issue.record("it was taken")
            } catch let error as StoreError {
                guard case .unusable(let sentence) = error else { throw error }
                #expect(sentence.contains("the state at the floor 2"), "\(sentence)")
            }
        }
    }

    private func reopened(_ bench: Bench) async throws -> Engine {
        try await Engine.open(bench.store, catalog: try Catalog.embedded(), logger: Bench.logger, now: { Bench.now })
    }
}
