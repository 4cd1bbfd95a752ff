import GRDB
import GRDBSQLite
import SyncCore
import SyncStore

/// Inserts reports with one prepared statement, their values bound where they lie.
///
/// GRDB boxes each argument of a statement and copies each blob into `Data`: of keeping a report that would be a third.
struct ReportInsert {
    private let statement: Statement
    private let database: Database

    init(_ database: Database) throws(StoreError) {
        self.database = database
        do {
            statement = try database.cachedStatement(
                sql: "INSERT INTO arrival(\(SQLiteReader.reportColumns)) VALUES (?, ?, ?, ?, ?, ?, ?)")
        } catch {
            throw StoreError(error)
        }
    }

    func write(_ report: StoredReport) throws(StoreError) {
        let row = statement.sqliteStatement
        sqlite3_bind_int64(row, 1, Int64(report.device.seq))
        sqlite3_bind_int64(row, 2, Int64(report.enrolment))
        sqlite3_bind_int64(row, 3, Int64(report.number))
        bind(report.held, to: 4)
        bind(report.failed, to: 5)
        sqlite3_bind_int64(row, 6, report.received)
        let code = report.body.withUnsafeBytes { body in
            // Not copied: the bytes are there until the row is written. An empty body has no address, and is no NULL.
            if let address = body.baseAddress {
                sqlite3_bind_blob(row, 7, address, Int32(body.count), nil)
            } else {
                sqlite3_bind_zeroblob(row, 7, 0)
            }
            let code = sqlite3_step(row)
            sqlite3_reset(row)
            return code
        }
        guard code == SQLITE_DONE else {
            let connection = database.sqliteConnection
            throw StoreError(
                DatabaseError(
                    resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
                    message: String(cString: sqlite3_errmsg(connection))))
        }
    }

    private func bind(_ digest: Digest?, to index: Int32) {
        guard let digest else {
            sqlite3_bind_null(statement.sqliteStatement, index)
            return
        }
        // The words lie in no memory that outlives the call, so SQLite copies them (`SQLITE_TRANSIENT`).
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        digest.withUnsafeBytes { bytes in
            _ = sqlite3_bind_blob(statement.sqliteStatement, index, bytes.baseAddress, Int32(bytes.count), copied)
        }
    }
}
