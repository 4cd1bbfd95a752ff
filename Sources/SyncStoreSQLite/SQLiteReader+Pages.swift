import Foundation
import GRDB
import SyncCore
import SyncStore

extension SQLiteReader {
    func entries(after seq: Seq, atMost bound: PageBound) throws(StoreError) -> [TransactionPart] {
        if let floor = try floor(), seq < floor.seq { throw .compacted(floor: floor.seq) }
        let end = try lastEntry(after: seq, bound)
        guard end > seq else { return [] }
        let entries = try all(
            "SELECT \(Self.entryColumns) FROM entry WHERE seq BETWEEN ? AND ? ORDER BY seq",
            [Int64(clamping: seq) + 1, Int64(clamping: end)], entryOrGap)
        guard let first = entries.first, let last = entries.last else { return [] }
        let headers = try all(
            "SELECT \(Self.headerColumns) FROM txn WHERE id BETWEEN ? AND ? AND entries > 0 ORDER BY first_seq",
            [first.transaction, last.transaction], header)
        return zip(headers, group(headers, entries)).compactMap { header, transaction in
            guard !transaction.entries.isEmpty else { return nil }
            return TransactionPart(
                header: header.header, firstSeq: header.firstSeq, lastSeq: header.lastSeq, entries: transaction.entries)
        }
    }

    /// Where a page ends: looked for by sizes alone, so that no value is read that the page has no room for.
    private func lastEntry(after seq: Seq, _ bound: PageBound) throws(StoreError) -> Seq {
        var last = seq
        var bytes = 0
        try each(
            """
            SELECT seq, coalesce(length(value), 0) FROM entry
            WHERE seq > ? AND seq <= (SELECT seq FROM head WHERE id = 1) ORDER BY seq LIMIT ?
            """, [Int64(clamping: seq), bound.entries]
        ) { row in
            bytes += Int(try row.natural(1))
            if last == seq || bytes <= bound.bytes { last = try row.natural(0) }
        }
        return last
    }
}
