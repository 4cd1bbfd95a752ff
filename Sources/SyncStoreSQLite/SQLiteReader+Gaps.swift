import GRDB
import SyncCore
import SyncStore

/// The log of a store that may be damaged: every position is there, whatever became of its rows.
extension SQLiteReader {
    /// More entries than this missing in one piece are no damaged rows: it is the head that is wrong.
    static let mostMissing: Seq = 100_000

    func transactionsWithGaps(
        after seq: Seq, limit: Int
    ) throws(StoreError) -> ([Transaction], gaps: [Seq]) {
        if let floor = try floor(), seq < floor.seq { throw .compacted(floor: floor.seq) }
        let head = try head().seq
        var headers: [Int64: LoggedHeader] = [:]
        var (last, count) = (head, 0)
        // One more than asked for: where it begins, the page ends, whatever the headers on it say of their ends.
        try each(
            "SELECT \(Self.headerColumns) FROM txn WHERE entries > 0 AND first_seq > ? ORDER BY first_seq LIMIT ?",
            [Int64(clamping: seq), limit + 1]
        ) { row in
            count += 1
            if count > limit {
                if let next = try? row.natural(1) { last = min(head, next - 1) }
            } else if let header = try? header(row) {
                headers[header.id] = header
            }
        }
        var log = LogWithGaps(after: seq, headers: headers)
        try each(
            "SELECT \(Self.entryColumns) FROM entry WHERE seq BETWEEN ? AND ? ORDER BY seq",
            [Int64(clamping: seq) + 1, Int64(clamping: last)]
        ) { row in
            // What a repair left out can be read, and is no gap.
            if let entry = try? entry(row) {
                try log.take(entry, isRead: true)
            } else if let gap = try? entryOrGap(row) {
                try log.take(gap, isRead: false)
            }
        }
        try log.end(at: last)
        return (log.transactions, log.gaps)
    }
}

/// Entries in order, with what is missing between them, under the headers that can be read.
private struct LogWithGaps {
    private let headers: [Int64: SQLiteReader.LoggedHeader]
    private var seq: Seq
    private var open: (transaction: Int64, entries: [Entry]) = (0, [])
    private(set) var transactions: [Transaction] = []
    private(set) var gaps: [Seq] = []

    init(after seq: Seq, headers: [Int64: SQLiteReader.LoggedHeader]) {
        self.seq = seq
        self.headers = headers
    }

    mutating func take(_ found: SQLiteReader.LoggedEntry, isRead: Bool) throws(StoreError) {
        try fill(upTo: found.entry.seq - 1, of: found.transaction)
        if !isRead || headers[found.transaction] == nil { gaps.append(found.entry.seq) }
        add(found.entry, of: found.transaction)
    }

    mutating func end(at last: Seq) throws(StoreError) {
        try fill(upTo: last, of: open.transaction)
        close()
    }

    private mutating func fill(upTo last: Seq, of transaction: Int64) throws(StoreError) {
        guard last > seq else { return }
        guard last - seq <= SQLiteReader.mostMissing else {
            throw .failed("the log ends at \(seq), before its head \(last)")
        }
        for missing in (seq + 1)...last {
            gaps.append(missing)
            add(.unreadable(missing, leaf: Digest(hashing: [])), of: transaction)
        }
    }

    private mutating func add(_ entry: Entry, of transaction: Int64) {
        if transaction != open.transaction { close() }
        open.transaction = transaction
        open.entries.append(entry)
        seq = entry.seq
    }

    private mutating func close() {
        guard let first = open.entries.first else { return }
        transactions.append(
            Transaction(
                firstSeq: first.seq, header: headers[open.transaction]?.header ?? .unreadable(open.transaction),
                entries: open.entries))
        open.entries = []
    }
}

extension Transaction.Header {
    /// Who wrote it, and when, is lost.
    fileprivate static func unreadable(_ id: Int64) -> Self {
        Self(
            author: Entry.unreadable, intent: "\(Entry.unreadable)-\(id)", reason: nil, reasonSalt: nil, received: 0,
            request: Digest(hashing: []))
    }
}
