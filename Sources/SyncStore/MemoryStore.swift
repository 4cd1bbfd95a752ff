import SyncCore
import Synchronization

/// The reference implementation of the contract: nothing is durable, everything else holds.
public final class MemoryStore: Store {
    struct State: Sendable {
        var head: Head
        var transactions: [Transaction] = []
        var intents: [Intent: Int] = [:]
        var reports: [DeviceID: StoredReport] = [:]
        var seen: [DeviceID: Seen] = [:]
        var userDocuments: [DeviceID: UserDocumentRow] = [:]
        var floor: Floor?
        /// The pieces of the state at the floor.
        var pieces: [[UInt8]] = []
        /// The leaf hashes of what was forgotten.
        var leaves: [Digest] = []
    }

    struct Intent: Hashable {
        let author: String
        let intent: String
    }

    private let state: Mutex<State>
    private let kept = Mutex<[UInt8]?>(nil)

    public init(epoch: UInt64) { state = Mutex(State(head: Head(epoch: epoch, seq: 0))) }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> T) async throws -> T {
        try body(MemoryReader(state: state.withLock { $0 }))
    }

    public func lookUp<T: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> T) async throws -> T {
        try await read(body)
    }

    public func commit(_ commit: Commit) async throws -> Commit.Outcome {
        try commit.checkOrder()
        return try state.withLock { state throws(StoreError) in try state.take(commit) }
    }

    public func compact(to floor: Floor, replacing before: Floor?, state pieces: [[UInt8]]) async throws -> Bool {
        try state.withLock { state throws(StoreError) in
            guard state.floor == before else { return false }
            try state.compact(to: floor, pieces)
            return true
        }
    }

    public func image() async throws -> [UInt8]? { kept.withLock { $0 } }

    public func keep(image: [UInt8]) async throws { kept.withLock { $0 = image } }

    /// They lie under their devices' names.
    public func sortReports(atLeast count: Int) async throws {}
}
