import GRDB
import GRDBSQLite
import Synchronization

/// Brings the log in front into the database's file as it grows, and knows when that fails.
///
/// SQLite does so by itself and tells nobody of an error: what is acknowledged stays in the `-wal`, which grows until the
/// disk is full. The hook that it offers for that has one place a connection, so setting this one ends that.
final class Checkpoints: Sendable {
    private let file: StoreFile
    /// What SQLite says of the last one; nil where it went well, or others were in its way.
    private let lastError = Mutex<String?>(nil)

    /// Pages (4 KiB) in front from which on they are brought into the file: what SQLite itself would take.
    private static let pages: Int32 = 1_000

    init(of file: StoreFile) { self.file = file }

    var failure: String? { lastError.withLock { $0 } }

    /// - Parameter database: the one connection that writes; it must be closed before this goes.
    func install(on database: Database) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_wal_hook(
            database.sqliteConnection,
            { context, connection, name, pages in
                guard let context, pages >= Checkpoints.pages else { return SQLITE_OK }
                Unmanaged<Checkpoints>.fromOpaque(context).takeUnretainedValue().bring(connection, name)
                return SQLITE_OK
            }, context)
    }

    private func bring(_ connection: OpaquePointer?, _ name: UnsafePointer<CChar>?) {
        let code = file.writing { sqlite3_wal_checkpoint_v2(connection, name, SQLITE_CHECKPOINT_PASSIVE, nil, nil) }
        // Whoever reads holds back a part, and the next one takes it: no error.
        let isInTheWay = code == SQLITE_BUSY || code == SQLITE_LOCKED
        let error = code == SQLITE_OK || isInTheWay ? nil : String(cString: sqlite3_errstr(code))
        lastError.withLock { $0 = error }
    }
}
