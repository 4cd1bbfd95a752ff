import Foundation
import GRDB
import SyncCore
import SyncStore

extension SQLiteStore {
    /// Writes the store as it is now into a new file, also beside a server that has it open.
    ///
    /// One reading transaction sees whole transactions only, so the copy is a state that was acknowledged.
    ///
    /// - Returns: what the copy is: damage of the store is in its copy too.
    public static func backUp(_ path: String, to copy: String) throws -> StoreCheck {
        guard FileManager.default.fileExists(atPath: path) else { throw StoreError.unusable("\(path) does not exist") }
        return try make(copy) { unfinished in
            try vacuum(path, into: unfinished)
            return try check(unfinished)
        }
    }

    static func vacuum(_ path: String, into copy: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [copy]) }
        try queue.close()
    }

    /// Begins a new incarnation of the log.
    static func begin(_ head: Head, in database: Database) throws {
        try database.execute(sql: "UPDATE head SET epoch = ? WHERE id = 1", arguments: [Int64(head.epoch)])
        try database.execute(
            sql: "INSERT INTO incarnation(epoch, after) VALUES (?, ?)",
            arguments: [Int64(head.epoch), Int64(head.seq)])
    }

    /// Makes a store of a backup or of another store, as a new incarnation of the log.
    ///
    /// Whoever has seen positions of the lost one is told by the epoch: it rises above the old one's, and above what is
    /// written down of the store that was at this place and of the one it is made of.
    ///
    /// - Parameter now: seconds since 1970.
    public static func restore(_ backup: String, to path: String, now: UInt64) throws -> Head {
        try inspecting(backup) { _ in }
        return try make(path) { unfinished in
            // What is in a log in front comes along.
            try vacuum(backup, into: unfinished)
            let old = try inspect(unfinished, as: backup)
            let last = [backup, path].compactMap { Witness(of: $0)?.head.epoch }.reduce(old.epoch, max)
            guard last < UInt64(Int64.max) else {
                throw StoreError.unusable("\(backup) is of epoch \(last), expected one that can rise")
            }
            let head = Head(epoch: max(last + 1, now), seq: old.seq)
            let queue = try DatabaseQueue(path: unfinished)
            defer { try? queue.close() }
            return try queue.write { database in
                // Before the new incarnation: of an earlier format's first one it is not known afterwards.
                _ = try Schema.migrate(database, from: try Schema.version(of: database))
                try begin(head, in: database)
                return try SQLiteReader(database: database).head()
            }
        }
    }

    /// Makes a file under another name and puts it in place when it is whole and on disk: a store that was restored
    /// halfway, with the old epoch still in it, must never be served.
    static func make<T>(_ path: String, _ body: (String) throws -> T) throws -> T {
        try checkIsFree(path)
        let unfinished = path + ".unfinished"
        do {
            try? FileManager.default.removeItem(atPath: unfinished)
            let made = try body(unfinished)
            try flush(unfinished)
            try FileManager.default.moveItem(atPath: unfinished, toPath: path)
            try flushFolder(of: path)
            return made
        } catch {
            try? FileManager.default.removeItem(atPath: unfinished)
            if error is NothingToRepair { throw error }
            throw error as? StoreError ?? StoreError.unusable("\(path) cannot be made: \(error)")
        }
    }

    /// Nothing is at a path, nor what SQLite or a server would take for a part of the store there: an old log in front
    /// would be played into a new file.
    static func checkIsFree(_ path: String) throws {
        for suffix in ["", "-wal", "-shm", "-journal", ".world"]
        where FileManager.default.fileExists(atPath: path + suffix) {
            throw StoreError.unusable("\(path + suffix) exists already: put it away first, with what belongs to it")
        }
    }

    /// The head of a store or a backup that is whole.
    ///
    /// - Parameter name: what it is called where something is wrong with it.
    /// - Throws: `unusable`, with what is wrong with it and the way out.
    @discardableResult
    static func inspect(_ path: String, as name: String) throws -> Head {
        let found = try check(path)
        guard let first = found.damage.first else { return found.head }
        throw StoreError.unusable(
            """
            \(name) is damaged in \(found.damage.count) \(found.damage.count == 1 ? "place" : "places"); \(first). See \
            `consigned check`; `consigned repair` makes a copy without what is damaged
            """)
    }

    /// Reads a store, also one that is in use, without writing.
    static func inspecting<T>(_ path: String, _ body: (Database) throws -> T) throws -> T {
        guard FileManager.default.fileExists(atPath: path) else { throw StoreError.unusable("\(path) does not exist") }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try queue.read { database in
                guard Schema.isKnown(try Schema.version(of: database)) else {
                    throw StoreError.unusable("\(path) has another format")
                }
                return try body(database)
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

    /// A name is durable when its folder is.
    static func flushFolder(of path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let descriptor = open(folder, O_RDONLY)
        guard descriptor >= 0 else { throw StoreError.failed("\(folder) cannot be flushed") }
        try FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).synchronize()
    }
}
