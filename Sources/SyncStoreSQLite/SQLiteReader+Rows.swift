import GRDB
import SyncCore
import SyncStore

/// What rows of the log say. Every column may be damaged: then the row is an error of whoever asked for it.
extension SQLiteReader {
    /// The header of a transaction.
    struct LoggedHeader {
        let id: Int64
        let firstSeq: Seq
        /// How many entries it has.
        let count: UInt64
        let header: Transaction.Header

        /// One less than the first where it has none.
        var lastSeq: Seq { firstSeq + count - 1 }
    }

    /// An entry, and the transaction it belongs to.
    struct LoggedEntry {
        let transaction: Int64
        let entry: Entry
    }

    /// Long tables are read by place: to find a column by its name costs more than to read it.
    static let headerColumns = "id, first_seq, entries, author, intent, reason, reason_salt, received, request"
    static let entryColumns = "txn, seq, subject, key, op, value, base, outcome, salt, leaf"

    func header(_ row: Row) throws(StoreError) -> LoggedHeader {
        let firstSeq = try row.natural(1)
        guard firstSeq > 0 else { throw .unreadable("the first position of a transaction") }
        return LoggedHeader(
            id: try row.integer(0), firstSeq: firstSeq, count: try row.natural(2),
            header: Transaction.Header(
                author: try row.text(3), intent: try row.text(4), reason: try row.textIfPresent(5),
                reasonSalt: try row.bytesIfPresent(6), received: try row.integer(7), request: try row.digest(8)))
    }

    /// Nil where it is missing or damaged.
    func header(id: Int64) throws(StoreError) -> LoggedHeader? {
        let row = try rows("SELECT \(Self.headerColumns) FROM txn WHERE id = ?", [id]).first
        return row.flatMap { try? header($0) }
    }

    func entry(_ row: Row) throws(StoreError) -> LoggedEntry {
        let seq = try row.natural(1)
        guard let operation = Entry.Operation(rawValue: try row.text(4)),
            let outcome = Entry.Outcome(rawValue: try row.text(7))
        else { throw .unreadable("entry \(seq)") }
        return LoggedEntry(
            transaction: try row.integer(0),
            entry: Entry(
                seq: seq, subject: try row.text(2), key: try row.text(3), operation: operation,
                value: try value(row, of: seq), base: try row.natural(6), outcome: outcome,
                salt: try row.bytesIfPresent(8), leaf: try row.digest(9)))
    }

    private func value(_ row: Row, of seq: Seq) throws(StoreError) -> JSONValue? {
        guard let bytes = try row.bytesIfPresent(5) else { return nil }
        do {
            return try JSONReader.read(bytes, within: .stored)
        } catch {
            throw .unreadable("the value of entry \(seq) (\(error))")
        }
    }

    /// An entry, or that there is one.
    func entryOrGap(_ row: Row) throws(StoreError) -> LoggedEntry {
        if let logged = try? entry(row) { return logged }
        return LoggedEntry(
            transaction: (try? row.integer(0)) ?? 0,
            entry: .unreadable(try row.natural(1), leaf: (try? row.digest(9)) ?? Digest(hashing: [])))
    }

    /// Puts each entry under its header; both are in order.
    func group(_ headers: [LoggedHeader], _ entries: [LoggedEntry]) -> [Transaction] {
        var byTransaction: [Int64: [Entry]] = [:]
        for entry in entries { byTransaction[entry.transaction, default: []].append(entry.entry) }
        return headers.map { header in
            Transaction(firstSeq: header.firstSeq, header: header.header, entries: byTransaction[header.id] ?? [])
        }
    }
}

extension Entry {
    /// An entry of which nothing but its place, and perhaps its leaf, can be read.
    static func unreadable(_ seq: Seq, leaf: Digest) -> Entry {
        Entry(
            seq: seq, subject: unreadable, key: "", operation: .remove, value: nil, base: 0, outcome: .applied,
            salt: nil, leaf: leaf)
    }
}
