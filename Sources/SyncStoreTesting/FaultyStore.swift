import SyncStore
import Synchronization

/// A store whose disk fails on purpose: from a given write on, nothing is written and every write throws.
public final class FaultyStore: Store {
    private let base: any Store
    private let writesLeft: Mutex<Int>

    /// - Parameter writes: how many writes succeed before the disk fails.
    public init(_ base: any Store, failingAfter writes: Int) {
        self.base = base
        writesLeft = Mutex(writes)
    }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> T) async throws -> T {
        try await base.read(body)
    }

    public func write<T: Sendable>(_ body: @escaping @Sendable (any StoreWriter) throws -> T) async throws -> T {
        let mayWrite = writesLeft.withLock { left in
            left -= 1
            return left >= 0
        }
        guard mayWrite else { throw StoreError.failed("the disk fails on purpose") }
        return try await base.write(body)
    }

    public func image() async throws -> [UInt8]? { try await base.image() }

    public func keep(image: [UInt8]) async throws { try await base.keep(image: image) }

    public func sortReports(atLeast count: Int) async throws { try await base.sortReports(atLeast: count) }
}
