import Logging
import SyncCore
import SyncStore
import Synchronization

/// The one writer: takes all that waits, commits it in one transaction, publishes the World it makes, acknowledges.
///
/// Batching stands above the store, so that every store gains by it. A refusal concerns only the proposal that earned
/// it; an error of the store ends the queue, because what is on disk is then unknown.
final class CommitQueue: Sendable {
    private struct State {
        var waiting: [Work] = []
        var isClosed = false
    }

    /// Rows in one transaction, about: enough to make an fsync's share small, few enough to bound the wait.
    private static let batchLimit = 2_048

    private let store: any Store
    private let devices: DevicePlane
    private let publish: @Sendable (World, [Transaction]) -> Void
    private let now: @Sendable () -> Int64
    private let state = Mutex(State())
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    init(
        store: any Store, devices: DevicePlane, now: @escaping @Sendable () -> Int64,
        publish: @escaping @Sendable (World, [Transaction]) -> Void
    ) {
        self.store = store
        self.devices = devices
        self.now = now
        self.publish = publish
        (bell, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Queues work; refused at once when the queue has ended.
    func submit(_ work: Work) {
        let place = state.withLock { state -> Int? in
            guard !state.isClosed else { return nil }
            state.waiting.append(work)
            return state.waiting.count
        }
        guard let place else { return work.refuse(.unavailable) }
        // Who came first has rung for all that wait with it.
        if place == 1 { ring.yield() }
    }

    /// Queues a change and waits for its outcome.
    func submit(_ proposal: Proposal) async -> Result<Receipt, Refusal> {
        await withCheckedContinuation { continuation in
            submit(.change(proposal) { continuation.resume(returning: $0) })
        }
    }

    /// No more work is taken; what was taken is still done.
    func close() {
        state.withLock { $0.isClosed = true }
        ring.finish()
    }

    /// Commits until the queue is closed and empty.
    ///
    /// - Throws: the store's error. Whatever was not acknowledged is refused as unavailable.
    func run(from world: World) async throws {
        var world = world
        do {
            for await _ in bell { try await drain(&world) }
            try await drain(&world)
        } catch {
            state.withLock { $0.isClosed = true }
            for work in take() { work.refuse(.unavailable) }
            throw error
        }
    }

    private func drain(_ world: inout World) async throws {
        while case let batch = take(), !batch.isEmpty {
            do {
                world = try await commit(batch, on: world)
            } catch {
                for work in batch { work.refuse(.unavailable) }
                throw error
            }
        }
    }

    private func take() -> [Work] {
        state.withLock { state in
            var rows = 0
            let end = state.waiting.firstIndex { work in
                rows += work.rows
                return rows > Self.batchLimit
            }
            guard let end else {
                defer { state.waiting = [] }
                return state.waiting
            }
            // What is too large for any batch is one of its own.
            let batch = Array(state.waiting.prefix(max(end, 1)))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    private func commit(_ batch: [Work], on world: World) async throws -> World {
        let now = now()
        let written = try await store.write { [devices] writer in
            var commit = BatchCommit(world: world, devices: devices, now: now, writer: writer)
            try commit.checkHead()
            for work in batch { try commit.perform(work) }
            return commit.written
        }
        if !written.transactions.isEmpty { publish(written.world, written.transactions) }
        for acknowledge in written.acknowledgements { acknowledge() }
        return written.world
    }
}

extension Work {
    /// About how many rows it writes.
    fileprivate var rows: Int { if case .seen(let seen) = self { seen.count } else { 1 } }

    fileprivate func refuse(_ refusal: Refusal) {
        switch self {
        case .change(_, let done): done(.failure(refusal))
        case .device(let work): work.done(.failure(refusal))
        case .compact(let work): work.done(.failure(refusal))
        case .seen: break
        }
    }
}
