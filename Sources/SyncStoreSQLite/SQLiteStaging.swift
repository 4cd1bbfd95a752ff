import GRDB
import SyncCore
import SyncStore

/// Entries of a long transaction that are written before it: in steps, between which others write.
///
/// They lie above the head, where nobody reads; the transaction's own commit moves the head over them, and that is one
/// step. What a crash or a commit that moved left there is deleted before anything is staged anew.
struct SQLiteStaging {
    let database: Database

    /// Deletes what was staged and never committed.
    func clear() throws(StoreError) {
        do {
            try database.execute(sql: "DELETE FROM entry WHERE seq > (SELECT seq FROM head WHERE id = 1)")
        } catch {
            throw StoreError(error)
        }
    }

    /// Names the transaction that comes next.
    func nextTransaction() throws(StoreError) -> Int64 {
        let row = try SQLiteReader(database: database).rows("SELECT max(id) FROM txn").first
        return Int64(clamping: try row?.naturalIfPresent(0) ?? 0) + 1
    }
}
