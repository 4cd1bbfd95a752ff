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
    let file: StoreFile
    private let checkpoints: Checkpoints
    /// What is written down of the store beside it.
    let witnessed = Mutex<Witness?>(nil)
    /// SQLite's number for what others have committed, as the writer found it.
    let othersVersion: Int64
    var path: String { file.path }
    let imagePath: String

    /// Makes a new file.
    ///
    /// - Throws: `StoreError.unusable` if something is there already.
    public static func create(at path: String, epoch: UInt64) throws {
        try checkIsFree(path)
        let file = try StoreFile(path: path, creating: true)
        defer { file.release() }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration())
            try pool.write { database in
                try database.execute(sql: Schema.statements)
                try database.execute(
                    sql: "INSERT INTO head(id, version, epoch, seq) VALUES (1, ?, ?, 0)",
                    arguments: [Schema.version, Int64(epoch)])
                try begin(Head(epoch: epoch, seq: 0), in: database)
            }
            try bringAllIntoFile(pool)
            try pool.close()
        } catch {
            throw StoreError.unusable("\(path) cannot be made: \(error)")
        }
    }

    /// Opens a file that `create` made.
    ///
    /// - Parameter olderAt: seconds since 1970, to go on with a store that is older than what was acknowledged, as a new
    ///   incarnation of the log; nil to refuse it.
    /// - Throws: `StoreError.inUse` if another process has it, `unusable` if it is not one of ours or older.
    public init(path: String, acceptingOlderAt olderAt: UInt64? = nil) throws {
        guard FileManager.default.fileExists(atPath: path) else { throw StoreError.unusable("\(path) does not exist") }
        file = try StoreFile(path: path)
        imagePath = path + ".world"
        checkpoints = Checkpoints(of: file)
        do {
            try file.checkIsDatabase()
            try Self.checkFormat(of: path)
            pool = try DatabasePool(path: path, configuration: Self.configuration())
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            guard try Self.synchronous(of: pool) == Schema.synchronousFull else {
                throw StoreError.unusable("\(path) does not take synchronous=FULL")
            }
            pool.writeWithoutTransaction { [checkpoints] in checkpoints.install(on: $0) }
            _ = try pool.write { try Schema.migrate($0, from: try Schema.version(of: $0)) }
            try Self.checkWitness(of: path, pool, acceptingOlderAt: olderAt)
            var configuration = Self.configuration()
            configuration.readonly = true
            lookUps = try DatabaseQueue(path: path, configuration: configuration)
            othersVersion = try Self.othersVersion(of: pool)
            file.own()
        } catch {
            file.release()
            throw error as? StoreError ?? StoreError.unusable("\(path): \(error)")
        }
    }

    /// `PRAGMA synchronous` of the one connection that writes: 2 is FULL.
    public func synchronous() throws -> Int { try Self.synchronous(of: pool) }

    /// Closes the file and lets another process have it. What was written is in the database file alone then.
    ///
    /// After a failure nothing is brought there: it is unknown what the disk has of it.
    public func close() throws {
        defer { file.release() }
        try lookUps.close()
        let whole = Result {
            guard failure.withLock({ $0 }) == nil else { return }
            try witness()
            try file.writing { try Self.bringAllIntoFile(pool) }
        }
        try pool.close()
        try whole.get()
    }

    public var checkpointFailure: String? { checkpoints.failure }

    /// A pool closes its writer first, so that SQLite finds others and leaves everything in the log in front.
    private static func bringAllIntoFile(_ pool: DatabasePool) throws {
        try pool.writeWithoutTransaction { database in
            // Who makes a backup reads for a while, and does not hold up the last of it.
            try database.execute(sql: "PRAGMA busy_timeout = 2000")
            guard let row = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)"),
                try row.integer(0) == 0 || row.integer(1) == row.integer(2)
            else { throw StoreError.failed("a part of the store is in its -wal still: they must stay together") }
        }
    }

    /// Looks without writing: a database of somebody else stays as it is.
    private static func checkFormat(of path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        let version = Result { try queue.read { try Schema.version(of: $0) } }
        try queue.close()
        guard Schema.isKnown(try version.get()) else {
            throw StoreError.unusable("\(path) has format \(try version.get()), expected \(Schema.version)")
        }
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
