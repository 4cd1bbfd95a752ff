import GRDB
import SyncCore
import SyncStore

/// What is known of a store beside what is in it: whether it is still in its place, and has all that was acknowledged.
extension SQLiteStore {
    /// Writes down beside the store what it has on disk, if that is more than was known.
    ///
    /// - Throws: where that cannot be written; the store itself goes on.
    public func witness() throws {
        let present = try pool.read { try Witness(SQLiteReader(database: $0)) }
        guard witnessed.withLock({ $0 }) != present else { return }
        try present.write(beside: path)
        witnessed.withLock { $0 = present }
    }

    /// Notices that the file is not there any more, another, or not what this store wrote; nothing is acknowledged from then
    /// on.
    public func checkIsInPlace() throws {
        try checkPlace()
        guard try Self.othersVersion(of: pool) == othersVersion else {
            throw stop(
                .failed("another process committed to \(path): stop, and see `consigned check`"), isDoubted: true)
        }
    }

    /// Looks at the file and its log in front, and not into them.
    func checkPlace() throws {
        do {
            try file.checkIsInPlace()
        } catch let error as StoreError {
            throw stop(error, isDoubted: file.isWrittenOver)
        }
    }

    static func othersVersion(of pool: DatabasePool) throws -> Int64 {
        try pool.writeWithoutTransaction { try Int64.fetchOne($0, sql: "PRAGMA data_version") } ?? 0
    }

    /// Nothing is written any more, and the reason is the first that there was.
    private func stop(_ error: StoreError, isDoubted: Bool) -> StoreError {
        failure.withLock { $0 = $0 ?? error }
        if isDoubted { doubt() }
        return error
    }

    /// Writes down that the store must be looked at whole before it is opened again. Where that cannot be written, whoever
    /// reads the log knows.
    private func doubt() {
        var witness = witnessed.withLock { $0 } ?? Witness(of: path)
        witness?.isDoubted = true
        try? witness?.write(beside: path)
    }

    /// Holds what is in the store against what is written down of it.
    ///
    /// - Parameter now: seconds since 1970, to go on with an older one; nil to refuse it.
    static func checkWitness(of path: String, _ pool: DatabasePool, acceptingOlderAt now: UInt64?) throws {
        guard let witness = Witness(of: path) else { return }
        if witness.isDoubted { try checkWhole(path, pool) }
        let (isIn, found) = try pool.read { database in
            let reader = SQLiteReader(database: database)
            return (try witness.isIn(reader), try reader.head())
        }
        guard !isIn else { return }
        guard let now else {
            throw StoreError.unusable(
                """
                \(path) is at \(found.epoch).\(found.seq), expected \(witness.head.epoch).\(witness.head.seq), which was \
                acknowledged (\(Witness.path(of: path))): it is older or another. Put its -wal back beside it, or use \
                `consigned restore`, or go on with what is there: `consigned serve --accept-older`
                """)
        }
        let epoch = max(found.epoch, witness.head.epoch) + 1
        try pool.write { try begin(Head(epoch: max(epoch, now), seq: found.seq), in: $0) }
    }

    private static func checkWhole(_ path: String, _ pool: DatabasePool) throws {
        let damage: [String]
        do {
            damage = try pool.read { try check($0) }.damage
        } catch {
            damage = ["it cannot be looked at: \(error)"]
        }
        guard let first = damage.first else { return }
        throw StoreError.unusable(
            """
            \(path) was written to by something else while a server had it, and is not what was acknowledged (\(first)\
            \(damage.count > 1 ? ", and \(damage.count - 1) more" : "")): use `consigned restore` with a backup, or see with \
            `consigned check` and `consigned repair` what is left of it
            """)
    }
}
