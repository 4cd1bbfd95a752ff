import Foundation
import GRDB
import SyncCore
import SyncStore

/// Forgets the beginning of the log: first it begins later, then what lies before that is taken out.
struct SQLiteCompaction {
    let database: Database

    /// Moves the beginning of the log; what lies below it is nobody's any more.
    func begin(at floor: Floor, state: [[UInt8]]) throws(StoreError) {
        let seq = Int64(floor.seq)
        let reader = SQLiteReader(database: database)
        let last = try reader.rows(
            "SELECT 1 FROM txn WHERE entries > 0 AND first_seq <= ? AND first_seq + entries - 1 = ?", [seq, seq])
        guard !last.isEmpty else { throw .outOfOrder(expected: try reader.head().seq, found: floor.seq) }
        try execute("DELETE FROM state", [])
        for (index, piece) in state.enumerated() {
            try execute("INSERT INTO state(id, piece) VALUES (?, ?)", [index, Data(piece)])
        }
        try execute(
            "INSERT OR REPLACE INTO floor(id, seq, received, state) VALUES (1, ?, ?, ?)",
            [seq, floor.received, Data(floor.state.bytes)])
    }

    /// Takes out the first entries and the transactions that they end; the hashes of entries stay.
    ///
    /// - Returns: up to where nothing is left; `floor` where all is done.
    func forget(_ entries: Int, upTo floor: Seq) throws(StoreError) -> Seq {
        let last = try SQLiteReader(database: database).rows(
            "SELECT seq FROM entry WHERE seq <= ? ORDER BY seq LIMIT 1 OFFSET ?", [Int64(floor), entries - 1])
        let end = try last.first?.natural(0) ?? floor
        let seq = Int64(end)
        try execute("INSERT INTO leaf(seq, hash) SELECT seq, leaf FROM entry WHERE seq <= ?", [seq])
        try execute("DELETE FROM entry WHERE seq <= ?", [seq])
        // Those without entries are named by the position that came next.
        try execute("DELETE FROM txn WHERE first_seq <= ? AND first_seq + entries - 1 <= ?", [seq, seq])
        return end
    }

    private func execute(_ sql: String, _ arguments: StatementArguments) throws(StoreError) {
        do {
            try database.cachedStatement(sql: sql).execute(arguments: arguments)
        } catch {
            throw StoreError(error)
        }
    }
}
