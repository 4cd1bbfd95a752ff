import Foundation
import GRDB
import SyncCore
import SyncStore

/// Writes one commit inside one `BEGIN IMMEDIATE` transaction: the head is locked before anything is compared.
struct SQLiteCommit {
    let database: Database

    /// Compares, then writes; a commit that has moved has written some of it, so whoever asked rolls back.
    ///
    /// - Parameter isStaged: whether the entries of the first transaction are there already.
    func take(_ commit: Commit, isStaged: Bool) throws(StoreError) -> Commit.Outcome {
        let head = try SQLiteReader(database: database).head()
        guard commit.transactions.isEmpty || commit.head == head else { return .moved(head: head, userDocuments: []) }
        var others: Set<DeviceID> = []
        for write in commit.userDocuments where try !keep(write) { others.insert(write.device) }
        guard others.isEmpty else { return .moved(head: head, userDocuments: others) }
        try keep(commit.reports)
        try note(commit.seen)
        try append(commit.transactions, isStaged: isStaged)
        return .written
    }

    private func append(_ transactions: [Transaction], isStaged: Bool) throws(StoreError) {
        guard let last = transactions.last else { return }
        if !isStaged { try SQLiteStaging(database: database).clear() }
        for (index, transaction) in transactions.enumerated() {
            let id = try insert(transaction.header, transaction)
            if index > 0 || !isStaged { try insert(transaction.entries, of: id) }
        }
        try execute("UPDATE head SET seq = ? WHERE id = 1", [Int64(last.lastSeq)])
    }

    private func insert(_ header: Transaction.Header, _ transaction: Transaction) throws(StoreError) -> Int64 {
        let known = try SQLiteReader(database: database).rows(
            "SELECT 1 FROM txn WHERE author = ? AND intent = ?", [header.author, header.intent])
        guard known.isEmpty else { throw .duplicateIntent(author: header.author, intent: header.intent) }
        let id = try SQLiteStaging(database: database).nextTransaction()
        try execute(
            """
            INSERT INTO txn(id, first_seq, entries, author, intent, reason, reason_salt, received, request)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id, Int64(transaction.firstSeq), transaction.entries.count, header.author, header.intent,
                header.reason, data(header.reasonSalt), header.received, data(header.request.bytes),
            ])
        return id
    }

    /// - Parameter id: the transaction that they belong to; it may be written later.
    func insert(_ entries: [Entry], of id: Int64) throws(StoreError) {
        guard !entries.isEmpty else { return }
        let statement = try statement(
            """
            INSERT INTO entry(seq, txn, subject, key, op, value, base, outcome, salt, leaf)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        for entry in entries {
            try execute(
                statement,
                [
                    Int64(entry.seq), id, entry.subject, entry.key, entry.operation.rawValue,
                    data(entry.value.map(CanonicalWriter.bytes)), Int64(entry.base), entry.outcome.rawValue,
                    data(entry.salt), data(entry.leaf.bytes),
                ])
        }
    }

    private func keep(_ reports: [StoredReport]) throws(StoreError) {
        guard !reports.isEmpty else { return }
        let insert = try ReportInsert(database)
        for report in reports { try insert.write(report) }
    }

    /// - Returns: false where another version is there than the one that it replaces.
    private func keep(_ write: UserDocumentWrite) throws(StoreError) -> Bool {
        let (device, body) = (Int64(write.device.seq), Data(CanonicalWriter.bytes(of: write.document.json)))
        if write.replacing == 0 {
            try execute(
                "INSERT INTO user_document(device, version, body) VALUES (?, 1, ?) ON CONFLICT(device) DO NOTHING",
                [device, body])
        } else {
            try execute(
                "UPDATE user_document SET version = version + 1, body = ? WHERE device = ? AND version = ?",
                [body, device, Int64(write.replacing)])
        }
        return database.changesCount == 1
    }

    private func note(_ seen: [Seen]) throws(StoreError) {
        for seen in seen {
            try execute(
                """
                INSERT INTO seen(device, enrolment, at, held) VALUES (?, ?, ?, ?) ON CONFLICT(device) DO UPDATE
                SET enrolment = excluded.enrolment, at = excluded.at, held = excluded.held
                WHERE excluded.enrolment >= enrolment
                """, [Int64(seen.device.seq), Int64(seen.enrolment), seen.at, data(seen.held?.bytes)])
        }
    }

    private func data(_ bytes: [UInt8]?) -> Data? { bytes.map { Data($0) } }

    private func statement(_ sql: String) throws(StoreError) -> Statement {
        do {
            return try database.cachedStatement(sql: sql)
        } catch {
            throw StoreError(error)
        }
    }

    private func execute(_ sql: String, _ arguments: StatementArguments) throws(StoreError) {
        try execute(try statement(sql), arguments)
    }

    private func execute(_ statement: Statement, _ arguments: StatementArguments) throws(StoreError) {
        do {
            try statement.execute(arguments: arguments)
        } catch {
            throw StoreError(error)
        }
    }
}
