import Collections
import Synchronization

/// Lets so many through at once; so many more wait, in order, and the rest is turned away.
///
/// For work that waits for something itself, such as a reading connection, and so holds no thread.
final class Gate: Sendable {
    private struct State {
        var free: Int
        var waiting: Deque<CheckedContinuation<Bool, Never>> = []
    }

    private let limit: Int
    private let state: Mutex<State>

    init(atOnce count: Int, waiting limit: Int) {
        self.limit = limit
        state = Mutex(State(free: count))
    }

    /// How many wait.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// - Throws: `Refusal.overloaded` where as many wait as may; what the body throws otherwise.
    func pass<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        guard await enter() else { throw Refusal.overloaded }
        defer { leave() }
        try Task.checkCancellation()
        return try await body()
    }

    private func enter() async -> Bool {
        await withCheckedContinuation { continuation in
            let isIn = state.withLock { state -> Bool? in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                guard state.waiting.count < limit else { return false }
                state.waiting.append(continuation)
                return nil
            }
            if let isIn { continuation.resume(returning: isIn) }
        }
    }

    private func leave() {
        let next = state.withLock { state in
            let next = state.waiting.popFirst()
            if next == nil { state.free += 1 }
            return next
        }
        next?.resume(returning: true)
    }
}
