import SyncCore
import SyncStore
import SyncStoreTesting
import Synchronization

/// A store whose disk stands still while its gate is shut.
final class GatedStore: StoreWrapper {
    private struct Gate {
        var isShut = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    let base: any Store
    private let gate = Mutex(Gate())

    init(_ base: any Store) { self.base = base }

    func shut() { gate.withLock { $0.isShut = true } }

    func open() {
        let waiting = gate.withLock { gate in
            defer { gate = Gate() }
            return gate.waiting
        }
        for writer in waiting { writer.resume() }
    }

    func commit(_ commit: Commit) async throws -> Commit.Outcome {
        await pass()
        return try await base.commit(commit)
    }

    func compact(to floor: Floor, replacing before: Floor?, state: [[UInt8]]) async throws -> Bool {
        await pass()
        return try await base.compact(to: floor, replacing: before, state: state)
    }

    private func pass() async {
        await withCheckedContinuation { continuation in
            let isShut = gate.withLock { gate in
                if gate.isShut { gate.waiting.append(continuation) }
                return gate.isShut
            }
            if !isShut { continuation.resume() }
        }
    }
}
