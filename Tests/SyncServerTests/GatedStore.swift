import SyncStore
import Synchronization

/// A store whose disk stands still while its gate is shut.
final class GatedStore: Store {
    private struct Gate {
        var isShut = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let base: any Store
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

    func read<T: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> T) async throws -> T {
        try await base.read(body)
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (any StoreWriter) throws -> T) async throws -> T {
        await withCheckedContinuation { continuation in
            let isShut = gate.withLock { gate in
                if gate.isShut { gate.waiting.append(continuation) }
                return gate.isShut
            }
            if !isShut { continuation.resume() }
        }
        return try await base.write(body)
    }

    func image() async throws -> [UInt8]? { try await base.image() }

    func keep(image: [UInt8]) async throws { try await base.keep(image: image) }

    func sortReports(atLeast count: Int) async throws { try await base.sortReports(atLeast: count) }
}
