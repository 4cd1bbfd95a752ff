import Foundation
import GRDB
import SyncCore
import SyncStore

/// Writes inside one `BEGIN IMMEDIATE` transaction: the head is locked before anything is read.
struct SQLiteWriter: StoreWriter {
    let database: Database
    /// Looked up once a transaction: a hundred reports are kept in one.
    private let keepReport: Statement

    init(database: Database) throws {
        self.database = database
        keepReport = try database.cachedStatement(
            sql: """
                INSERT INTO arrival(\(SQLiteReader.reportColumns))
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
    }

    var reader: any StoreReader { SQLiteReader(database: database) }

    func append(_ transaction: Transaction) throws(StoreError) {
        let head = try reader.head()
        guard transaction.firstSeq == head.seq + 1 else {
            throw .outOfOrder(expected: head.seq + 1, found: transaction.firstSeq)
        }
        try insert(transaction.header, transaction)
        let id = database.lastInsertedRowID
        for entry in transaction.entries { try insert(entry, id) }
        try execute("UPDATE head SET seq = ? WHERE id = 1", [Int64(transaction.lastSeq)])
    }

    func keep(_ report: StoredReport) throws(StoreError) {
        try execute(
            keepReport,
            [
                Int64(report.device.seq), Int64(report.enrolment), Int64(report.number), data(report.held?.bytes),
                data(report.failed?.bytes), report.received, Data(report.body),
            ])
    }

    func keep(_ document: UserDocument, of device: DeviceID) throws(StoreError) {
        try execute(
            """
            INSERT INTO user_document(device, body) VALUES (?, ?)
            ON CONFLICT(device) DO UPDATE SET body = excluded.body
            """, [Int64(device.seq), Data(CanonicalWriter.bytes(of: document.json))])
    }

    func note(seen: [(device: DeviceID, at: Int64)]) throws(StoreError) {
        for (device, at) in seen {
            try execute(
                """
                INSERT INTO seen(device, at) VALUES (?, ?)
                ON CONFLICT(device) DO UPDATE SET at = max(at, excluded.at)
                """, [Int64(device.seq), at])
        }
    }

    private func insert(_ header: Transaction.Header, _ transaction: Transaction) throws(StoreError) {
        let known = try reader.transaction(author: header.author, intent: header.intent)
        guard known == nil else { throw .duplicateIntent(author: header.author, intent: header.intent) }
        try execute(
            """
            INSERT INTO txn(first_seq, entries, author, intent, reason, reason_salt, received, request)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                Int64(transaction.firstSeq), transaction.entries.count, header.author, header.intent, header.reason,
                data(header.reasonSalt), header.received, data(header.request.bytes),
            ])
    }

    private func insert(_ entry: Entry, _ transaction: Int64) throws(StoreError) {
        try execute(
            """
            INSERT INTO entry(seq, txn, subject, key, op, value, base, outcome, salt, leaf)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                Int64(entry.seq), transaction, entry.subject, entry.key, entry.operation.rawValue,
                data(entry.value.map(CanonicalWriter.bytes)), Int64(entry.base), entry.outcome.rawValue,
                data(entry.salt),
                data(entry.leaf.bytes),
            ])
    }

    func data(_ bytes: [UInt8]?) -> Data? { bytes.map { Data($0) } }

    func execute(_ sql: String, _ arguments: StatementArguments) throws(StoreError) {
        do {
            try database.cachedStatement(sql: sql).execute(arguments: arguments)
        } catch {
            throw .failed("\(error)")
        }
    }

    private func execute(_ statement: Statement, _ arguments: StatementArguments) throws(StoreError) {
        do {
            try statement.execute(arguments: arguments)
        } catch {
            throw .failed("\(error)")
        }
    }
}
