import SyncCore
import SyncStore
import SyncStoreTesting
import Synchronization
import Testing

@testable import SyncEngine

/// Looks at the past: one replay at a time, shared by who asks for the same moment, and kept for nobody.
@Suite(.timeLimit(.minutes(1))) struct PastTests {
    /// A store whose readers wait until they are let in.
    private final class HeldStore: StoreWrapper {
        let base: any Store
        private struct State {
            var reads = 0
            var waiting: [CheckedContinuation<Void, Never>] = []
            var isOpen = true
        }

        private let state = Mutex(State())

        init(_ base: any Store) { self.base = base }

        var reads: Int { state.withLock { $0.reads } }

        func hold() { state.withLock { ($0.reads, $0.isOpen) = (0, false) } }

        func letIn() {
            let waiting = state.withLock { state in
                defer { (state.waiting, state.isOpen) = ([], true) }
                return state.waiting
            }
            for reader in waiting { reader.resume() }
        }

        func read<T: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> T) async throws -> T {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    state.reads += 1
                    if !state.isOpen { state.waiting.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
            return try await base.read(body)
        }
    }

    private static func until(_ condition: @Sendable () -> Bool) async { while !condition() { await Task.yield() } }

    @Test func `two who ask for the same moment share one replay`() async throws {
        let store = HeldStore(MemoryStore(epoch: 1))
        try await Bench.with(store) { bench in
            try await bench.change([.createUnit(try bench.path("/g/a"))])
            let seq = bench.engine.snapshot.world.seq - 1
            store.hold()
            async let first = bench.engine.world(at: .position(seq))
            await Self.until { store.reads == 1 }
            async let second = bench.engine.world(at: .position(seq))
            await Self.until { bench.engine.past.followers == 1 }
            store.letIn()
            let worlds = try await [first, second]
            #expect(worlds.map(\.seq) == [seq, seq])
            #expect(store.reads == 1)
        }
    }

    @Test func `one replay runs, so many wait, and who comes later is refused as overloaded`() async throws {
        let store = HeldStore(MemoryStore(epoch: 1))
        try await Bench.with(store) { bench in
            let most = Limits.replaysWaiting + 2
            try await bench.change((0..<most).map { .createUnit(try bench.path("/g/u\($0)")) })
            store.hold()
            try await withThrowingTaskGroup(of: Seq.self) { group in
                for seq in 1...Limits.replaysWaiting + 1 {
                    group.addTask { try await bench.engine.world(at: .position(Seq(seq))).seq }
                }
                await Self.until { store.reads == 1 && bench.engine.pools.replays.waiting == Limits.replaysWaiting }
                await #expect(throws: Refusal.overloaded) { try await bench.engine.world(at: .position(Seq(most))) }
                store.letIn()
                var seen: Set<Seq> = []
                for try await seq in group { seen.insert(seq) }
                #expect(seen.count == Limits.replaysWaiting + 1)
            }
        }
    }

    @Test func `a World of the past is what it was, and is let go when nobody asks`() async throws {
        try await Bench.with { bench in
            for number in 0..<20 { try await bench.change([.createUnit(try bench.path("/g/u\(number)"))]) }
            let log = try await bench.store.read { try $0.transactions(after: 0, limit: 1_000) }
            for seq in [5, 9, 9, 3, 20, 7, 20] as [Seq] {
                var expected = World(epoch: 1, catalog: bench.engine.snapshot.world.catalog)
                for transaction in log { expected.apply(transaction, upTo: seq) }
                try SameWorld.expect(try await bench.engine.world(at: .position(seq)), expected, "\(seq)")
            }
            #expect(bench.engine.past.worldsKept <= 3)
            bench.engine.forgetUnused()
            #expect(bench.engine.past.worldsKept > 0, "somebody asked just now")
            bench.engine.forgetUnused()
            #expect(bench.engine.past.worldsKept == 0)
            #expect(try await bench.engine.world(at: .position(4)).seq == 4)
        }
    }
}
