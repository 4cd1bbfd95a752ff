import SyncStore
import Synchronization

/// A store whose disk fails on purpose.
public final class FaultyStore: StoreWrapper {
    public let base: any Store
    private let writesLeft: Mutex<Int?>
    private let error = Mutex(StoreError.failed("the disk fails on purpose"))

    /// - Parameter writes: how many writes succeed before the disk fails for good; nil for all.
    public init(_ base: any Store, failingAfter writes: Int? = nil) {
        self.base = base
        writesLeft = Mutex(writes)
    }

    /// From now on every write throws this, until `heal`.
    public func fail(with error: StoreError) {
        self.error.withLock { $0 = error }
        writesLeft.withLock { $0 = 0 }
    }

    public func heal() { writesLeft.withLock { $0 = nil } }

    public func commit(_ commit: Commit) async throws -> Commit.Outcome {
        try spendWrite()
        return try await base.commit(commit)
    }

    public func compact(to floor: Floor, replacing before: Floor?, state: [[UInt8]]) async throws -> Bool {
        try spendWrite()
        return try await base.compact(to: floor, replacing: before, state: state)
    }

    private func spendWrite() throws {
        let mayWrite = writesLeft.withLock { left in
            guard let count = left else { return true }
            left = count - 1
            return count > 0
        }
        if !mayWrite { throw error.withLock { $0 } }
    }
}
