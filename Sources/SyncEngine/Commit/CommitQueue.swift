import SyncCore
import SyncStore
import Synchronization

/// What waits to be committed: changes of the log in one lane, what devices say in the other.
///
/// The lanes write beside each other, so that a report waits for no change. What one device says keeps its order: while
/// something of it is in the log's lane, what comes after goes there too.
final class CommitQueue: Sendable {
    private let log: LogLane
    private let deviceLane: DeviceLane
    private let devices: DevicePlane
    /// How much of a device is in the log's lane.
    private let inLogLane = Mutex<[DeviceID: Int]>([:])

    /// - Parameters:
    ///   - world: the one that is published.
    ///   - publish: puts a World in its place, with the transactions that made it, before they are acknowledged.
    init(
        store: any Store, devices: DevicePlane, now: @escaping @Sendable () -> Int64,
        world: @escaping @Sendable () -> World, publish: @escaping LogLane.Publish
    ) {
        let waiting = WorkQueue<DeviceLane.Work>()
        log = LogLane(
            store: store, queue: WorkQueue(), now: now,
            isNewest: { [devices] report in
                if let known = devices.place(of: report.device), report.place <= known { return false }
                return !waiting.contains { $0.hasNewer(than: report) }
            }, publish: publish)
        deviceLane = DeviceLane(store: store, queue: waiting, devices: devices, world: world)
        self.devices = devices
    }

    /// Queues a change; refused at once when the queue is closed.
    func submit(_ proposal: Proposal, done: @escaping @Sendable (Result<Receipt, Refusal>) -> Void) {
        let work = LogWork.change(proposal, done)
        if !log.queue.submit(work) { work.refuse(.unavailable) }
    }

    /// Queues a change and waits for its outcome.
    func submit(_ proposal: Proposal) async -> Result<Receipt, Refusal> {
        await withCheckedContinuation { continuation in
            submit(proposal) { continuation.resume(returning: $0) }
        }
    }

    /// Queues what a device says.
    ///
    /// - Parameter changesFacts: whether the log must have an entry of it.
    func submit(_ work: DeviceWork, changesFacts: Bool) {
        guard enterLogLane(work.device, changesFacts: changesFacts) else {
            if !deviceLane.queue.submit(.device(work)) { work.done(.failure(.unavailable)) }
            return
        }
        let logged = LogWork.device(
            DeviceWork(
                device: work.device, enrolment: work.enrolment, report: work.report, facts: work.facts,
                user: work.user
            ) { [self] outcome in
                leaveLogLane(work.device)
                work.done(outcome)
            })
        if !log.queue.submit(logged) { logged.refuse(.unavailable) }
    }

    private func enterLogLane(_ device: DeviceID, changesFacts: Bool) -> Bool {
        inLogLane.withLock { counts in
            guard changesFacts || !counts.isEmpty && counts[device] != nil else { return false }
            counts[device, default: 0] += 1
            return true
        }
    }

    private func leaveLogLane(_ device: DeviceID) {
        inLogLane.withLock { counts in
            let count = counts[device] ?? 0
            counts[device] = count > 1 ? count - 1 : nil
        }
    }

    /// Queues when devices were last seen.
    func submit(_ seen: [Seen]) {
        if !deviceLane.queue.submit(.seen(seen)) { devices.keepUnflushed(seen) }
    }

    /// No more work is taken; what was taken is still done.
    func close() {
        log.queue.close()
        deviceLane.queue.close()
    }

    /// Commits until the queue is closed and empty.
    ///
    /// - Throws: the store's error. Whatever was not acknowledged is refused as unavailable.
    func run(from world: World) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.endingBoth { try await self.log.run(from: world) } }
            group.addTask { try await self.endingBoth { try await self.deviceLane.run() } }
            try await group.waitForAll()
        }
    }

    /// What is on disk is unknown after an error: the other lane must not go on either.
    private func endingBoth(_ lane: () async throws -> Void) async throws {
        do {
            try await lane()
        } catch {
            for work in log.queue.abandon() { work.refuse(.unavailable) }
            for case .device(let work) in deviceLane.queue.abandon() { work.done(.failure(.unavailable)) }
            throw error
        }
    }
}

extension DeviceLane.Work {
    /// Whether it has a newer report of the same device.
    fileprivate func hasNewer(than report: StoredReport) -> Bool {
        if case .device(let work) = self, let other = work.report {
            other.device == report.device && other.place > report.place
        } else {
            false
        }
    }
}
