import Collections
import Dispatch
import Synchronization

/// Threads for work that computes for long: so many run at once, so many more wait, the rest is turned away.
///
/// Not Swift's cooperative pool: that has one thread a core, and whatever commits or answers runs there. Each thread is a
/// serial dispatch queue: libdispatch runs those outside the pool of the global queues, whose width is that of the machine
/// too, and lets the thread go when there is nothing to do.
final class Workers: Sendable {
    typealias Work = @Sendable () -> Void

    private struct State {
        var waiting: Deque<Work> = []
        /// Threads without work.
        var idle: [Int]
    }

    private enum Place {
        case thread(Int)
        case queued
        case none
    }

    private let threads: [DispatchQueue]
    private let limit: Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - name: for debuggers.
    ///   - limit: how much may wait beside what runs.
    init(_ name: String, threads count: Int, waiting limit: Int = .max) {
        threads = (0..<count).map { DispatchQueue(label: "consigne.\(name).\($0)") }
        self.limit = limit
        state = Mutex(State(idle: Array(0..<count)))
    }

    /// - Returns: false where as much waits as may; the work is not done then.
    func submit(_ work: @escaping Work) -> Bool {
        let place = state.withLock { state -> Place in
            if let thread = state.idle.popLast() { return .thread(thread) }
            guard state.waiting.count < limit else { return .none }
            state.waiting.append(work)
            return .queued
        }
        if case .thread(let thread) = place { threads[thread].async { self.run(work, on: thread) } }
        if case .none = place { return false }
        return true
    }

    /// Works something out on one of the threads.
    ///
    /// - Throws: `overloaded` where as much waits as may; what the body throws otherwise.
    func run<T: Sendable>(_ body: @escaping @Sendable () throws(Refusal) -> T) async throws(Refusal) -> T {
        let outcome = await withCheckedContinuation { (continuation: CheckedContinuation<Result<T, Refusal>, Never>) in
            let isTaken = submit { continuation.resume(returning: Result { () throws(Refusal) in try body() }) }
            if !isTaken { continuation.resume(returning: .failure(.overloaded)) }
        }
        return try outcome.get()
    }

    private func run(_ first: Work, on thread: Int) {
        first()
        while let next = next(for: thread) { next() }
    }

    /// What waits longest; a thread that finds nothing is idle.
    private func next(for thread: Int) -> Work? {
        state.withLock { state in
            if let work = state.waiting.popFirst() { return work }
            state.idle.append(thread)
            return nil
        }
    }
}
