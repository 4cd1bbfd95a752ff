import SyncCore
import Synchronization

/// The reference implementation of the contract: nothing is durable, everything else holds.
public final class MemoryStore: Store {
    struct State: Sendable {
        var head: Head
        var transactions: [Transaction] = []
        var intents: [Intent: Int] = [:]
        var reports: [DeviceID: StoredReport] = [:]
        var seen: [DeviceID: Int64] = [:]
        var userDocuments: [DeviceID: UserDocument] = [:]
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

    public func write<T: Sendable>(_ body: @escaping @Sendable (any StoreWriter) throws -> T) async throws -> T {
        try state.withLock { state in
            let writer = MemoryWriter(state: state)
            let result = try body(writer)
            state = writer.state
            return result
        }
    }

    public func image() async throws -> [UInt8]? { kept.withLock { $0 } }

    public func keep(image: [UInt8]) async throws { kept.withLock { $0 = image } }

    /// They lie under their devices' names.
    public func sortReports(atLeast count: Int) async throws {}
}

/// Reads one state.
struct MemoryReader: StoreReader {
    let state: MemoryStore.State

    func head() throws(StoreError) -> Head { state.head }

    func transactions(after seq: Seq, limit: Int) throws(StoreError) -> [Transaction] {
        try checkFloor(seq)
        return Array(state.transactions.filter { !$0.entries.isEmpty && $0.lastSeq > seq }.prefix(limit))
    }

    func transaction(author: String, intent: String) throws(StoreError) -> Transaction? {
        state.intents[MemoryStore.Intent(author: author, intent: intent)].map { state.transactions[$0] }
    }

    func position(at time: Int64) throws(StoreError) -> Seq {
        let last = state.transactions.last { !$0.entries.isEmpty && $0.header.received <= time }
        if let last { return last.lastSeq }
        return try positionAtFloor(time)
    }

    func history(of subject: String, limit: Int) throws(StoreError) -> [Transaction] {
        let touched = state.transactions.compactMap { transaction -> Transaction? in
            let entries = transaction.entries.filter { $0.subject == subject }
            guard !entries.isEmpty else { return nil }
            return Transaction(firstSeq: transaction.firstSeq, header: transaction.header, entries: entries)
        }
        return Array(touched.suffix(limit))
    }

    func reports(_ body: (StoredReport) -> Void) throws(StoreError) { state.reports.values.forEach(body) }

    func seen(after device: DeviceID?, limit: Int) throws(StoreError) -> [(device: DeviceID, at: Int64)] {
        let later = state.seen.filter { seen in device.map { seen.key > $0 } ?? true }
        return later.sorted { $0.key < $1.key }.prefix(limit).map { ($0, $1) }
    }

    func report(of device: DeviceID) throws(StoreError) -> StoredReport? { state.reports[device] }

    func userDocument(of device: DeviceID) throws(StoreError) -> UserDocument? { state.userDocuments[device] }

    /// Memory has no backups.
    func lastCommon(with epoch: UInt64) throws(StoreError) -> Seq? { nil }
}

/// Writes to a copy that replaces the state when the body ends well.
final class MemoryWriter: StoreWriter {
    var state: MemoryStore.State

    init(state: MemoryStore.State) { self.state = state }

    var reader: any StoreReader { MemoryReader(state: state) }

    func append(_ transaction: Transaction) throws(StoreError) {
        guard transaction.firstSeq == state.head.seq + 1 else {
            throw .outOfOrder(expected: state.head.seq + 1, found: transaction.firstSeq)
        }
        let intent = MemoryStore.Intent(author: transaction.header.author, intent: transaction.header.intent)
        guard state.intents.updateValue(state.transactions.count, forKey: intent) == nil else {
            throw .duplicateIntent(author: intent.author, intent: intent.intent)
        }
        state.transactions.append(transaction)
        state.head = Head(epoch: state.head.epoch, seq: transaction.lastSeq)
    }

    func keep(_ report: StoredReport) throws(StoreError) {
        if let kept = state.reports[report.device], report.place <= kept.place { return }
        state.reports[report.device] = report
    }

    func keep(_ document: UserDocument, of device: DeviceID) throws(StoreError) {
        state.userDocuments[device] = document
    }

    func note(seen: [(device: DeviceID, at: Int64)]) throws(StoreError) {
        state.seen.merge(seen.map { ($0.device, $0.at) }) { max($0, $1) }
    }
}
