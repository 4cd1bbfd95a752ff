import Foundation
import GRDB
import SyncCore
import SyncStore

/// Reads inside one database transaction. Entries above the head are of a transaction that is not there yet.
struct SQLiteReader: StoreReader {
    let database: Database

    func head() throws(StoreError) -> Head {
        let row = try rows("SELECT epoch, seq FROM head WHERE id = 1").first
        guard let row else { throw .failed("the head row is missing") }
        return Head(epoch: UInt64(row["epoch"] as Int64), seq: Seq(row["seq"] as Int64))
    }

    func transactions(after seq: Seq, limit: Int) throws(StoreError) -> [Transaction] {
        try transactions(after: seq, limit: limit, entry)
    }

    func transactionsWithGaps(
        after seq: Seq, limit: Int
    ) throws(StoreError) -> ([Transaction], gaps: [Seq]) {
        var gaps: [Seq] = []
        let found = try transactions(after: seq, limit: limit) { row in
            if let logged = try? entry(row) { return logged }
            gaps.append(Seq(row[1] as Int64))
            return entryOrGap(row)
        }
        return (found, gaps)
    }

    private func transactions(
        after seq: Seq, limit: Int, _ read: (Row) throws -> LoggedEntry
    ) throws(StoreError) -> [Transaction] {
        if let floor = try floor(), seq < floor.seq { throw .compacted(floor: floor.seq) }
        let headers = try rows(
            """
            SELECT * FROM txn WHERE entries > 0 AND first_seq + entries - 1 > ?
            AND first_seq >= (SELECT coalesce(max(first_seq), 0) FROM txn WHERE first_seq <= ? AND entries > 0)
            ORDER BY first_seq LIMIT ?
            """, [Int64(seq), Int64(seq) + 1, limit])
        guard let first = headers.first, let last = headers.last else { return [] }
        let entries = try all(
            "SELECT \(Self.entryColumns) FROM entry WHERE seq BETWEEN ? AND ? ORDER BY seq",
            [first["first_seq"] as Int64, (last["first_seq"] as Int64) + (last["entries"] as Int64) - 1], read)
        return try group(headers, entries)
    }

    func transaction(author: String, intent: String) throws(StoreError) -> Transaction? {
        let headers = try rows("SELECT * FROM txn WHERE author = ? AND intent = ?", [author, intent])
        guard let header = headers.first else { return nil }
        let entries = try all(
            "SELECT \(Self.entryColumns) FROM entry WHERE txn = ? AND seq >= ? AND seq < ?",
            [
                header["id"] as Int64, header["first_seq"] as Int64,
                (header["first_seq"] as Int64) + (header["entries"] as Int64),
            ], entry)
        return try group(headers, entries).first
    }

    func position(at time: Int64) throws(StoreError) -> Seq {
        let row = try rows(
            "SELECT max(first_seq + entries - 1) AS seq FROM txn WHERE received <= ? AND entries > 0", [time]
        ).first
        if let last = row?["seq"] as Int64? { return Seq(last) }
        return try positionAtFloor(time)
    }

    func lastReceived() throws(StoreError) -> Int64 {
        let row = try rows("SELECT received FROM txn WHERE entries > 0 ORDER BY first_seq DESC LIMIT 1").first
        if let received = row?[0] as Int64? { return received }
        return try floor()?.received ?? 0
    }

    func history(of subject: String, limit: Int) throws(StoreError) -> [Transaction] {
        // From the last entry to the last one before its transaction, and so on: only what is shown is read.
        let headers = try rows(
            """
            WITH RECURSIVE last(seq) AS (
                SELECT max(seq) FROM entry WHERE subject = ?1 AND seq <= (SELECT seq FROM head WHERE id = 1)
                UNION ALL
                SELECT (
                    SELECT max(seq) FROM entry WHERE subject = ?1 AND seq < (
                        SELECT first_seq FROM txn WHERE id = (SELECT txn FROM entry WHERE seq = last.seq)))
                FROM last WHERE last.seq IS NOT NULL
                LIMIT ?2
            )
            SELECT * FROM txn WHERE id IN (SELECT txn FROM entry WHERE seq IN (SELECT seq FROM last)) ORDER BY id
            """, [subject, limit])
        guard let first = headers.first?["first_seq"] as Int64? else { return [] }
        let entries = try all(
            """
            SELECT \(Self.entryColumns) FROM entry
            WHERE subject = ? AND seq BETWEEN ? AND (SELECT seq FROM head WHERE id = 1) ORDER BY seq
            """, [subject, first], entry)
        return try group(headers, entries)
    }

    func seen(after device: DeviceID?, limit: Int) throws(StoreError) -> [Seen] {
        try all(
            "SELECT device, enrolment, at, held FROM seen WHERE device > ? ORDER BY device LIMIT ?",
            [device.map { Int64($0.seq) } ?? -1, limit]
        ) { row in
            Seen(
                DeviceID(seq: UInt64(row[0] as Int64)), enrolment: Seq(row[1] as Int64), at: row[2],
                held: digest(row[3]))
        }
    }

    func userDocument(of device: DeviceID) throws(StoreError) -> UserDocumentRow? {
        let rows = try rows("SELECT version, body FROM user_document WHERE device = ?", [Int64(device.seq)])
        return rows.first.map { row in
            UserDocumentRow(
                version: UInt64(row[0] as Int64),
                document: Self.userDocument(row[1]))
        }
    }

    static func userDocument(_ body: Data) -> UserDocument? {
        (try? JSONReader.read(Array(body), within: .stored)).flatMap { UserDocument($0) }
    }

    func lastCommon(with epoch: UInt64) throws(StoreError) -> Seq? {
        let row = try rows("SELECT min(after) AS seq FROM incarnation WHERE epoch > ?", [Int64(epoch)]).first
        return (row?["seq"] as Int64?).map { Seq($0) }
    }

    /// Puts each entry under its header; both are in order.
    func group(_ headers: [Row], _ entries: [LoggedEntry]) throws(StoreError) -> [Transaction] {
        var byTransaction: [Int64: [Entry]] = [:]
        for entry in entries { byTransaction[entry.transaction, default: []].append(entry.entry) }
        return headers.map { row in
            Transaction(
                firstSeq: Seq(row["first_seq"] as Int64),
                header: Transaction.Header(
                    author: row["author"], intent: row["intent"], reason: row["reason"],
                    reasonSalt: (row["reason_salt"] as Data?).map { Array($0) }, received: row["received"],
                    request: digest(row["request"]) ?? Digest(hashing: [])),
                entries: byTransaction[row["id"]] ?? [])
        }
    }

    /// An entry, and the transaction it belongs to.
    struct LoggedEntry {
        let transaction: Int64
        let entry: Entry
    }

    /// Long tables are read by place: to find a column by its name costs more than to read it.
    static let entryColumns = "txn, seq, subject, key, op, value, base, outcome, salt, leaf"

    func entry(_ row: Row) throws(StoreError) -> LoggedEntry {
        let seq = Seq(row[1] as Int64)
        guard let operation = Entry.Operation(rawValue: row[4]), let outcome = Entry.Outcome(rawValue: row[7]),
            let leaf = digest(row[9])
        else {
            throw .unreadable("entry \(seq)")
        }
        var value: JSONValue?
        if let bytes = row[5] as Data? {
            do {
                value = try JSONReader.read(Array(bytes), within: .stored)
            } catch {
                throw .unreadable("the value of entry \(seq) (\(error))")
            }
        }
        return LoggedEntry(
            transaction: row[0],
            entry: Entry(
                seq: seq, subject: row[2], key: row[3], operation: operation, value: value,
                base: Seq(row[6] as Int64), outcome: outcome, salt: (row[8] as Data?).map { Array($0) }, leaf: leaf))
    }

    /// An entry, or that there is one.
    func entryOrGap(_ row: Row) -> LoggedEntry {
        (try? entry(row))
            ?? LoggedEntry(
                transaction: row[0],
                entry: Entry(
                    seq: Seq(row[1] as Int64), subject: Entry.unreadable, key: "", operation: .remove, value: nil,
                    base: 0, outcome: .applied, salt: nil, leaf: digest(row[9]) ?? Digest(hashing: [])))
    }

    func digest(_ data: Data?) -> Digest? { data.flatMap { Digest(bytes: Array($0)) } }

    func rows(_ sql: String, _ arguments: StatementArguments = []) throws(StoreError) -> [Row] {
        do {
            return try Row.fetchAll(try database.cachedStatement(sql: sql), arguments: arguments)
        } catch {
            throw .failed("\(error)")
        }
    }

    /// Every row made into something, none of them copied.
    func all<T>(
        _ sql: String, _ arguments: StatementArguments, _ make: (Row) throws -> T
    ) throws(StoreError) -> [T] {
        var made: [T] = []
        try each(sql, arguments) { made.append(try make($0)) }
        return made
    }

    /// Every row, one after the other; it is the same one each time.
    func each(_ sql: String, _ arguments: StatementArguments = [], _ body: (Row) throws -> Void) throws(StoreError) {
        do {
            let cursor = try Row.fetchCursor(try database.cachedStatement(sql: sql), arguments: arguments)
            while let row = try cursor.next() { try body(row) }
        } catch {
            throw error as? StoreError ?? .failed("\(error)")
        }
    }
}
