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
            [Int64(seq) + 1, Int64(end)], entryOrGap)
        guard let first = entries.first, let last = entries.last else { return [] }
        let headers = try rows(
            "SELECT * FROM txn WHERE id BETWEEN ? AND ? AND entries > 0 ORDER BY first_seq",
            [first.transaction, last.transaction])
        return zip(headers, try group(headers, entries)).compactMap { row, transaction in
            guard !transaction.entries.isEmpty else { return nil }
            return TransactionPart(
                header: transaction.header, firstSeq: transaction.firstSeq,
                lastSeq: transaction.firstSeq + Seq(row["entries"] as Int64) - 1, entries: transaction.entries)
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
            """, [Int64(seq), bound.entries]
        ) { row in
            bytes += row[1] as Int
            if last == seq || bytes <= bound.bytes { last = Seq(row[0] as Int64) }
        }
        return last
    }
}
