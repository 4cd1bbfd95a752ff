import SyncCore
import SyncStore
import SyncStoreSQLite
import TestSupport

@testable import SyncStoreTesting

/// A random load on a store, one step after the other, with what the store must say after each: changes, long and short,
/// reports, user documents, sorting, compaction.
struct StoreLoad {
    /// All that a store says, as far as this load writes it.
    struct State: Hashable {
        var head: Seq = 0
        var floor: Seq = 0
        var reports: [DeviceID: UInt64] = [:]
        var documents: [DeviceID: UInt64] = [:]
    }

    struct Unexpected: Error {
        let outcome: Commit.Outcome
    }

    private static let devices = (1...6 as ClosedRange<UInt64>).map { DeviceID(seq: $0) }

    /// What the store acknowledged.
    private(set) var state = State()
    /// What the step under way makes of it; the same between two steps.
    private(set) var attempted = State()
    private(set) var transactions: [Transaction] = []
    private var steps = 0

    mutating func step(_ store: SQLiteStore, _ generator: inout SeededGenerator) async throws {
        steps += 1
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: try await store.sortReports(atLeast: 1)
        case 1:
            let ends = transactions.map(\.lastSeq).filter { $0 > state.floor }
            if let end = ends.randomElement(using: &generator) { try await compact(store, to: end) }
        default:
            let commit = commit(&generator)
            attempted.take(commit)
            transactions += commit.transactions
            let outcome = try await store.commit(commit)
            guard outcome == .written else { throw Unexpected(outcome: outcome) }
        }
        state = attempted
    }

    /// After a step that is known to have written nothing.
    mutating func forgetStep() {
        attempted = state
        transactions.removeAll { $0.firstSeq > state.head }
    }

    private mutating func compact(_ store: SQLiteStore, to end: Seq) async throws {
        attempted.floor = end
        let before = try await store.read { try $0.floor() }
        let floor = Floor(seq: end, received: 1, state: Digest(hashing: [[7, 7]]))
        _ = try await store.compact(to: floor, replacing: before, state: [[7, 7]])
    }

    private func commit(_ generator: inout SeededGenerator) -> Commit {
        var commit = Commit(after: Head(epoch: 1, seq: state.head))
        if Int.random(in: 0..<3, using: &generator) > 0 {
            // One in thirty is long enough to be written in steps.
            let isLong = Int.random(in: 0..<30, using: &generator) == 0
            let entries = isLong ? 5_000 : Int.random(in: 1..<12, using: &generator)
            commit.transactions = [
                Samples.transaction(firstSeq: state.head + 1, entries: entries, intent: "step \(steps)")
            ]
        }
        for device in Self.devices where Bool.random(using: &generator) {
            commit.reports.append(Samples.report(device: device.seq, number: (state.reports[device] ?? 0) + 1))
        }
        for device in Self.devices.prefix(3) where Bool.random(using: &generator) {
            let document = UserDocument(enrolment: Seq(steps), epoch: 1)
            commit.userDocuments.append(
                UserDocumentWrite(document, of: device, replacing: state.documents[device] ?? 0))
        }
        return commit
    }

    /// What a store says of what this load writes, and its log.
    static func found(in store: SQLiteStore) async throws -> (State, [Transaction]) {
        try await store.read { reader in
            var state = State(head: try reader.head().seq, floor: try reader.floor()?.seq ?? 0)
            for device in devices {
                state.reports[device] = try reader.report(of: device)?.number
                state.documents[device] = try reader.userDocument(of: device)?.version
            }
            return (state, try reader.transactions(after: state.floor, limit: .max))
        }
    }

    /// What is wrong with a store that was opened again; nil for nothing.
    static func problem(
        of store: SQLiteStore, allowed: [State], transactions: [Transaction]
    ) async throws -> String? {
        let (state, log) = try await found(in: store)
        guard allowed.contains(state) else { return "found \(state), expected one of \(allowed)" }
        let expected = transactions.filter { $0.firstSeq > state.floor && $0.lastSeq <= state.head }
        return log == expected ? nil : "the log after \(state.floor) is another"
    }
}

extension StoreLoad.State {
    fileprivate mutating func take(_ commit: Commit) {
        head = commit.nextHead.seq
        for report in commit.reports { reports[report.device] = report.number }
        for write in commit.userDocuments { documents[write.device] = write.replacing + 1 }
    }
}
