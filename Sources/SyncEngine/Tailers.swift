import SyncCore
import Synchronization

/// Readers of the log who wait for what comes next.
final class Tailers: Sendable {
    private struct State {
        var next = 0
        var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let state = Mutex(State())

    /// Tells all that there is a new World.
    func tell() {
        for continuation in state.withLock({ Array($0.waiting.values) }) { continuation.yield() }
    }

    /// Returns when a condition holds; it is looked at after every new World. Also returns when the task is cancelled.
    func until(_ condition: @Sendable () -> Bool) async {
        let (news, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.next += 1
            state.waiting[state.next] = bell
            return state.next
        }
        defer { state.withLock { $0.waiting[number] = nil } }
        // Registered first: no World can come between this look and the wait.
        guard !condition() else { return }
        for await _ in news where condition() { return }
    }
}

extension Engine {
    /// Waits until the log is beyond a position, or until so long has passed.
    public func waitForNews(after seq: Seq, atMost limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.tailers.until { self.snapshot.world.seq > seq } }
            group.addTask { try? await ContinuousClock().sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
