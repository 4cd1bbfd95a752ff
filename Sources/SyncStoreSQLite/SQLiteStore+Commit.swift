import GRDB
import SyncCore
import SyncStore

extension SQLiteStore {
    public func commit(_ commit: Commit) async throws -> Commit.Outcome {
        try commit.checkOrder()
        return try await translatingErrors {
            let isStaged = try await self.stage(commit)
            return try await self.transact { database in
                let outcome = try SQLiteCommit(database: database).take(commit, isStaged: isStaged)
                return (outcome, outcome == .written ? .commit : .rollback)
            }
        }
    }

    /// Entries written in one step: as many as a batch of reports may have, since a report waits for either.
    private static let entriesOfStep = 2_048

    /// Writes the entries of the first transaction before the commit itself, if they are many, so that nobody else waits
    /// for all of them.
    ///
    /// - Returns: whether they are there.
    private func stage(_ commit: Commit) async throws -> Bool {
        guard let transaction = commit.transactions.first, transaction.entries.count > Self.entriesOfStep else {
            return false
        }
        let id = try await transact { database -> (Int64?, Database.TransactionCompletion) in
            guard try SQLiteReader(database: database).head() == commit.head else { return (nil, .rollback) }
            let staging = SQLiteStaging(database: database)
            try staging.clear()
            return (try staging.nextTransaction(), .commit)
        }
        guard let id else { return false }
        for start in stride(from: 0, to: transaction.entries.count, by: Self.entriesOfStep) {
            let entries = Array(transaction.entries[start..<min(start + Self.entriesOfStep, transaction.entries.count)])
            try await step { try SQLiteCommit(database: $0).insert(entries, of: id) }
        }
        return true
    }

    /// One transaction of many, between which others write.
    func step(_ body: @escaping @Sendable (Database) throws -> Void) async throws {
        try await transact { (try body($0), .commit) }
    }

    /// One `BEGIN IMMEDIATE` transaction, which ends as its body says.
    ///
    /// - Throws: `failed` for every transaction after one that failed: a disk that lost one write may say that the next
    ///   one is durable.
    func transact<T: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> (T, Database.TransactionCompletion)
    ) async throws -> T {
        if let failure = failure.withLock({ $0 }) { throw failure }
        do {
            // A log in front that was cut would be written on, and be as long as before.
            try checkPlace()
            let result = try await write(body)
            // What went into a file without a name must not be acknowledged.
            try checkPlace()
            return result
        } catch {
            let error = StoreError(error)
            if case .failed = error { failure.withLock { $0 = $0 ?? error } }
            throw error
        }
    }

    private func write<T: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> (T, Database.TransactionCompletion)
    ) async throws -> T {
        try await pool.writeWithoutTransaction { database in
            var result: T?
            try database.inTransaction(.immediate) {
                let (made, completion) = try body(database)
                result = made
                return completion
            }
            guard let result else { throw StoreError.failed("the transaction gave no result") }
            return result
        }
    }

    public func compact(to floor: Floor, replacing before: Floor?, state: [[UInt8]]) async throws -> Bool {
        try await translatingErrors {
            let isDone = try await self.transact { database -> (Bool, Database.TransactionCompletion) in
                guard try SQLiteReader(database: database).floor() == before else { return (false, .rollback) }
                try SQLiteCompaction(database: database).begin(at: floor, state: state)
                return (true, .commit)
            }
            if isDone { try await self.forget(upTo: floor.seq) }
            return isDone
        }
    }

    /// Takes out what lies below the floor, a step at a time, so that nobody else waits for all of it. What an earlier
    /// compaction did not come to goes with it.
    private func forget(upTo floor: Seq) async throws {
        var isDone = false
        do {
            while !isDone {
                isDone = try await transact { database in
                    let end = try SQLiteCompaction(database: database).forget(Self.entriesOfStep, upTo: floor)
                    return (end >= floor, .commit)
                }
            }
        } catch StoreError.full {
            // The log begins at the floor already; the next compaction goes on.
        }
    }
}

extension StoreError {
    /// What an error of the database is to whoever asked.
    ///
    /// SQLite writes nothing of a transaction for which there is no room: it is rolled back, and what was durable stays.
    init(_ error: any Error) {
        if let error = error as? StoreError {
            self = error
        } else if let error = error as? DatabaseError, error.resultCode == .SQLITE_FULL {
            self = .full
        } else {
            self = .failed("\(error)")
        }
    }
}
