import SyncCore
import SyncStore

/// Commits what devices say, as much as waits in one transaction of the store; it has no part in the log.
///
/// Runs beside the log's lane, so that no report waits for a change to be worked out or written.
struct DeviceLane: Sendable {
    /// Rows in one transaction, about: enough to make an fsync's share small, few enough to bound the wait.
    private static let batchLimit = 2_048
    /// From so many works on, the next batch is gathered for a moment: a busy lane would else pay for an fsync and two
    /// switches of threads for a few rows, with time that those who fill the next batch need. A single report waits for
    /// nothing.
    private static let busyBatch = 24
    private static let gathering = Duration.milliseconds(1)
    /// How often a batch is worked out anew because others wrote to the same user documents meanwhile.
    private static let attempts = 8

    let store: any Store
    let queue: WorkQueue<Work>
    let devices: DevicePlane
    /// The World as it is published.
    let world: @Sendable () -> World

    enum Work: Sendable {
        case device(DeviceWork)
        case seen([Seen])

        /// About how many rows it writes.
        var rows: Int { if case .seen(let seen) = self { seen.count } else { 1 } }
    }

    /// Commits until the queue is closed and empty.
    ///
    /// - Throws: the store's error; what was not acknowledged is refused as unavailable.
    func run() async throws {
        try await queue.consume {
            while case let batch = queue.take(atMost: Self.batchLimit, cost: \.rows), !batch.isEmpty {
                do {
                    try await commit(batch)
                    if batch.count >= Self.busyBatch { try? await ContinuousClock().sleep(for: Self.gathering) }
                } catch StoreError.full {
                    for work in batch { refuse(work, .storeFull) }
                } catch {
                    for work in batch { refuse(work, .unavailable) }
                    throw error
                }
            }
        }
    }

    private func commit(_ works: [Work]) async throws {
        for _ in 0..<Self.attempts {
            let batch = try await workOut(works)
            guard try await store.commit(batch.commit) == .written else { continue }
            var outcomes = batch.outcomes.makeIterator()
            for case .device(let work) in works {
                if let outcome = outcomes.next() { work.done(outcome) }
            }
            return
        }
        for work in works { refuse(work, .busy) }
    }

    private func workOut(_ works: [Work]) async throws -> DeviceBatch {
        var (users, epochs): (Set<DeviceID>, Set<UInt64>) = ([], [])
        for case .device(let work) in works {
            guard let user = work.user else { continue }
            users.insert(work.device)
            if let statement = user.statement { epochs.insert(statement.epoch) }
        }
        var batch = DeviceBatch(
            on: world(), reads: try await reads(users, epochs), known: { [devices] in devices.place(of: $0) })
        for work in works {
            switch work {
            case .device(let work): batch.take(work)
            case .seen(let seen): batch.take(seen)
            }
        }
        return batch
    }

    /// Most batches are of reports alone, and need to know nothing.
    private func reads(_ users: Set<DeviceID>, _ epochs: Set<UInt64>) async throws -> BatchReads {
        guard !users.isEmpty else { return BatchReads() }
        return try await store.lookUp { reader in
            try BatchReads(intents: [], devices: users, epochs: epochs, from: reader)
        }
    }

    /// When devices were seen is written down at the next opportunity.
    private func refuse(_ work: Work, _ refusal: Refusal) {
        switch work {
        case .device(let work): work.done(.failure(refusal))
        case .seen(let seen): devices.keepUnflushed(seen)
        }
    }
}
