import SyncStore
import Synchronization
import Foundation
import GRDB
import SyncCore

/// The store on one SQLite file, for one process.
///
/// Durable means WAL with `synchronous=FULL`. GRDB sets NORMAL when it opens a pool, after every hook a caller has, so
/// FULL is set afterwards and read back; a store that cannot promise it does not open.
public final class SQLiteStore: Store {
    let pool: DatabasePool
    /// A reading connection of the writer's own.
    private let lookUps: DatabaseQueue
    /// The error after which nothing more is written: what an earlier write left on disk is unknown.
    let failure = Mutex<StoreError?>(nil)
    private let lock: FileLock
    let imagePath: String

    /// Makes a new file.
    ///
    /// - Throws: `StoreError.unusable` if something is there already.
    public static func create(at path: String, epoch: UInt64) throws {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw StoreError.unusable("\(path) exists already")
        }
        let lock = try FileLock(path: path + ".lock")
        defer { lock.release() }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration())
            try pool.write { database in
                try database.execute(sql: Schema.statements)
                try database.execute(
                    sql: "INSERT INTO head(id, version, epoch, seq) VALUES (1, ?, ?, 0)",
                    arguments: [Schema.version, Int64(epoch)])
            }
            try pool.close()
        } catch {
            throw StoreError.unusable("\(path) cannot be made: \(error)")
        }
    }

    /// Opens a file that `create` made.
    ///
    /// - Throws: `StoreError.inUse` if another process has it, `unusable` if it is not one of ours.
    public init(path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { throw StoreError.unusable("\(path) does not exist") }
        lock = try FileLock(path: path + ".lock")
        imagePath = path + ".world"
        do {
            pool = try DatabasePool(path: path, configuration: Self.configuration())
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            guard try Self.synchronous(of: pool) == Schema.synchronousFull else {
                throw StoreError.unusable("\(path) does not take synchronous=FULL")
            }
            let version = try pool.write { database in
                let found = try Int.fetchOne(database, sql: "SELECT version FROM head WHERE id = 1") ?? 0
                return try Schema.migrate(database, from: found)
            }
            guard version == Schema.version else {
                throw StoreError.unusable("\(path) has format \(version), expected \(Schema.version)")
            }
            var configuration = Self.configuration()
            configuration.readonly = true
            lookUps = try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            lock.release()
            throw error as? StoreError ?? StoreError.unusable("\(path): \(error)")
        }
    }

    /// `PRAGMA synchronous` of the one connection that writes: 2 is FULL.
    public func synchronous() throws -> Int { try Self.synchronous(of: pool) }

    /// Closes the file and lets another process have it.
    public func close() throws {
        try lookUps.close()
        try pool.close()
        lock.release()
    }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> T) async throws -> T {
        try await translatingErrors {
            try await self.pool.read { try body(SQLiteReader(database: $0)) }
        }
    }

    public func lookUp<T: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> T) async throws -> T {
        try await translatingErrors {
            try await self.lookUps.read { try body(SQLiteReader(database: $0)) }
        }
    }

    func translatingErrors<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as DatabaseError {
            throw StoreError(error)
        }
    }

    private static func synchronous(of pool: DatabasePool) throws -> Int {
        try pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") } ?? 0
    }

    /// The file is read and not mapped: each connection would map it whole, and a page that cannot be read would end the
    /// process with SIGBUS instead of an error.
    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "consigne"
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA mmap_size = 0") }
        return configuration
    }
}
