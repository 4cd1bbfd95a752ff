import SyncCore
import SyncStore

/// The one author of log entries in this process: works out what waits on the World at the head, commits it in one
/// transaction of the store, publishes the World that it makes, acknowledges.
///
/// Changes are worked out here, one batch after the other and outside every transaction: however long one takes, no report
/// waits for it. Another process may write too: what was worked out is then worked out anew on what it wrote.
///
/// A refusal concerns only the change that earned it. An error of the store that leaves unknown what is on disk ends the
/// lane.
struct LogLane: Sendable {
    typealias Publish = @Sendable (World, [Transaction]) -> Void

    /// Changes worked out in one batch: enough to make an fsync's share small, few enough to bound the wait.
    private static let batchLimit = 2_048
    /// How often a batch is worked out anew because others wrote meanwhile.
    private static let attempts = 8
    /// Transactions of others read at once.
    private static let page = 1_000

    let store: any Store
    let queue: WorkQueue<LogWork>
    let now: @Sendable () -> Int64
    /// Whether no newer report of its device is known, or on its way.
    let isNewest: @Sendable (StoredReport) -> Bool
    let publish: Publish

    /// Where the log is, as this lane has brought it.
    private struct Place {
        var world: World
        /// When the last entry was received: times in the log do not go back, whatever the clock does.
        var received: Int64
    }

    /// Commits until the queue is closed and empty.
    ///
    /// - Throws: the store's error; what was not acknowledged is refused as unavailable.
    func run(from world: World) async throws {
        var place = Place(world: world, received: try await store.lookUp { try $0.lastReceived() })
        try await queue.consume {
            while case let batch = queue.take(atMost: Self.batchLimit, cost: { _ in 1 }), !batch.isEmpty {
                do {
                    try await commit(batch, at: &place)
                } catch StoreError.full {
                    for work in batch { work.refuse(.storeFull) }
                } catch {
                    for work in batch { work.refuse(.unavailable) }
                    throw error
                }
            }
        }
    }

    private func commit(_ works: [LogWork], at place: inout Place) async throws {
        for _ in 0..<Self.attempts {
            let batch = try await workOut(works, at: place)
            let commit = batch.finished
            switch try await store.commit(commit) {
            case .written:
                if !commit.transactions.isEmpty {
                    place = Place(world: batch.world, received: commit.transactions.last?.header.received ?? 0)
                    publish(batch.world, commit.transactions)
                }
                for acknowledge in batch.acknowledgements { acknowledge() }
                return
            case .moved(let head, _): try await catchUp(&place, to: head)
            }
        }
        for work in works { work.refuse(.busy) }
    }

    private func workOut(_ works: [LogWork], at place: Place) async throws -> LogBatch {
        let (intents, devices) = (works.compactMap(\.intent), Set(works.flatMap(\.userDevices)))
        let epochs = Set(works.compactMap(\.statedEpoch))
        let reads = try await store.lookUp { reader in
            try BatchReads(intents: intents, devices: devices, epochs: epochs, from: reader)
        }
        let now = now()
        var batch = LogBatch(
            on: place.world, reads: reads, now: now, received: max(now, place.received), isNewest: isNewest)
        for work in works { batch.take(work) }
        return batch
    }

    /// Brings in what another process wrote.
    private func catchUp(_ place: inout Place, to head: Head) async throws {
        while place.world.seq < head.seq {
            let after = place.world.seq
            let later = try await store.lookUp { try $0.transactions(after: after, limit: Self.page) }
            guard !later.isEmpty else { return }
            for transaction in later {
                place.world.apply(transaction)
                place.received = max(place.received, transaction.header.received)
            }
            publish(place.world, later)
        }
    }
}
