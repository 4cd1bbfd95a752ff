import Synchronization

/// Work that waits for one consumer, first in, first out.
///
/// Any thread submits; one task takes. Submitting never waits: how much may be under way is the edge's to bound.
final class WorkQueue<Work: Sendable>: Sendable {
    private struct State {
        var waiting: [Work] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let wakeups: AsyncStream<Void>
    private let wakeup: AsyncStream<Void>.Continuation

    init() { (wakeups, wakeup) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    /// - Returns: false when the queue is closed and does not take it.
    func submit(_ work: Work) -> Bool {
        let count = state.withLock { state -> Int? in
            guard !state.isClosed else { return nil }
            state.waiting.append(work)
            return state.waiting.count
        }
        // Only the first one signals the consumer; the others join its batch.
        if count == 1 { wakeup.yield() }
        return count != nil
    }

    /// Takes no more; what was taken is still handed out.
    func close() {
        state.withLock { $0.isClosed = true }
        wakeup.finish()
    }

    /// What waits, up to a limit of cost; one that is dearer than the limit comes alone.
    func take(atMost limit: Int, cost: (Work) -> Int) -> [Work] {
        state.withLock { state in
            var sum = 0
            let end = state.waiting.firstIndex { work in
                sum += cost(work)
                return sum > limit
            }
            guard let end else {
                defer { state.waiting = [] }
                return state.waiting
            }
            let batch = Array(state.waiting.prefix(max(end, 1)))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    /// Whether some work that waits is so.
    func contains(where predicate: (Work) -> Bool) -> Bool { state.withLock { $0.waiting.contains(where: predicate) } }

    /// Takes no more and gives back what waits: nothing is handed out any more.
    func abandon() -> [Work] {
        close()
        return take(atMost: .max) { _ in 0 }
    }

    /// Calls the body whenever something waits, until the queue is closed and empty.
    func consume(_ body: () async throws -> Void) async throws {
        for await _ in wakeups { try await body() }
        try await body()
    }
}
