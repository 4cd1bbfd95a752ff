import Foundation
import GRDB
import SyncCore
import SyncStore

extension SQLiteStore {
    /// Writes the store as it is now into a new file, also beside a server that has it open.
    ///
    /// One reading transaction sees whole transactions only, so the copy is a state that was acknowledged.
    public static func backUp(_ path: String, to copy: String) throws -> Head {
        guard FileManager.default.fileExists(atPath: path) else { throw StoreError.unusable("\(path) does not exist") }
        guard !FileManager.default.fileExists(atPath: copy) else { throw StoreError.unusable("\(copy) exists already") }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [copy]) }
            try queue.close()
            try flush(copy)
            return try inspect(copy)
        } catch {
            try? FileManager.default.removeItem(atPath: copy)
            throw error as? StoreError ?? StoreError.unusable("\(path) cannot be copied to \(copy): \(error)")
        }
    }

    /// Makes a store of a backup, as a new incarnation of the log.
    ///
    /// Whoever has seen positions of the lost one is told by the epoch: it rises above the old one's, and above that of
    /// any earlier restore of the same backup, because time has passed.
    ///
    /// - Parameter now: seconds since 1970.
    public static func restore(_ backup: String, to path: String, now: UInt64) throws -> Head {
        guard !FileManager.default.fileExists(atPath: path) else { throw StoreError.unusable("\(path) exists already") }
        let old = try inspect(backup)
        do {
            try FileManager.default.copyItem(atPath: backup, toPath: path)
            let queue = try DatabaseQueue(path: path)
            let head = Head(epoch: max(old.epoch + 1, now), seq: old.seq)
            try queue.write { database in
                try database.execute(sql: "UPDATE head SET epoch = ? WHERE id = 1", arguments: [Int64(head.epoch)])
                try database.execute(
                    sql: "INSERT INTO incarnation(epoch, after) VALUES (?, ?)",
                    arguments: [Int64(head.epoch), Int64(head.seq)])
            }
            try queue.close()
            try flush(path)
            return head
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw error as? StoreError ?? StoreError.unusable("\(path) cannot be made: \(error)")
        }
    }

    /// The head of a file that nobody writes to, after a look at whether it is whole.
    private static func inspect(_ path: String) throws -> Head {
        guard FileManager.default.fileExists(atPath: path) else { throw StoreError.unusable("\(path) does not exist") }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try queue.read { database in
                guard try String.fetchOne(database, sql: "PRAGMA integrity_check") == "ok" else {
                    throw StoreError.unusable("\(path) is damaged")
                }
                guard try Int.fetchOne(database, sql: "SELECT version FROM head WHERE id = 1") == Schema.version else {
                    throw StoreError.unusable("\(path) has another format")
                }
                let reader = SQLiteReader(database: database)
                let (head, floor) = (try reader.head(), try reader.floor())
                let kept = head.seq - (floor?.seq ?? 0)
                let entries = try Int64.fetchOne(database, sql: "SELECT count(*) FROM entry") ?? 0
                guard entries == Int64(kept) else {
                    throw StoreError.unusable("\(path) has \(entries) entries and says that it has \(kept)")
                }
                if let floor, Digest(hashing: try reader.state(from: 0, limit: .max)) != floor.state {
                    throw StoreError.unusable("\(path) is damaged: its state at the floor \(floor.seq) is another")
                }
                return head
            }
        } catch {
            throw error as? StoreError ?? StoreError.unusable("\(path) is no store: \(error)")
        }
    }

    private static func flush(_ path: String) throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try handle.synchronize()
        try handle.close()
    }
}
