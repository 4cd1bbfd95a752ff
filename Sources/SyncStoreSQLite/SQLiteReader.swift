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
        return Head(epoch: try row.natural(0), seq: try row.natural(1))
    }

    func transactions(after seq: Seq, limit: Int) throws(StoreError) -> [Transaction] {
        if let floor = try floor(), seq < floor.seq { throw .compacted(floor: floor.seq) }
        let headers = try all(
            """
            SELECT \(Self.headerColumns) FROM txn WHERE entries > 0 AND first_seq + entries - 1 > ?
            AND first_seq >= (SELECT coalesce(max(first_seq), 0) FROM txn WHERE first_seq <= ? AND entries > 0)
            ORDER BY first_seq LIMIT ?
            """, [Int64(clamping: seq), Int64(clamping: seq) + 1, limit], header)
        guard let first = headers.first, let last = headers.last else { return [] }
        let entries = try all(
            "SELECT \(Self.entryColumns) FROM entry WHERE seq BETWEEN ? AND ? ORDER BY seq",
            [Int64(clamping: first.firstSeq), Int64(clamping: last.lastSeq)], entry)
        return group(headers, entries)
    }

    func transaction(author: String, intent: String) throws(StoreError) -> Transaction? {
        let headers = try all(
            "SELECT \(Self.headerColumns) FROM txn WHERE author = ? AND intent = ?", [author, intent], header)
        guard let header = headers.first else { return nil }
        let entries = try all(
            "SELECT \(Self.entryColumns) FROM entry WHERE txn = ? AND seq BETWEEN ? AND ?",
            [header.id, Int64(clamping: header.firstSeq), Int64(clamping: header.lastSeq)], entry)
        return group(headers, entries).first
    }

    func position(at time: Int64) throws(StoreError) -> Seq {
        let row = try rows(
            "SELECT max(first_seq + entries - 1) AS seq FROM txn WHERE received <= ? AND entries > 0", [time]
        ).first
        if let last = try row?.naturalIfPresent(0) { return last }
        return try positionAtFloor(time)
    }

    func lastReceived() throws(StoreError) -> Int64 {
        let row = try rows("SELECT received FROM txn WHERE entries > 0 ORDER BY first_seq DESC LIMIT 1").first
        if let received = try row?.integer(0) { return received }
        return try floor()?.received ?? 0
    }

    func history(of subject: String, limit: Int, bytes: Int) throws(StoreError) -> ([Transaction], isCut: Bool) {
        // What a compaction has not come to yet lies below the floor, and is nobody's any more.
        let floor = Int64(clamping: try floor()?.seq ?? 0)
        // From the last entry to the last one before its transaction, and so on: only what is shown is read.
        var headers = try all(
            """
            WITH RECURSIVE last(seq) AS (
                SELECT max(seq) FROM entry
                WHERE subject = ?1 AND seq > ?3 AND seq <= (SELECT seq FROM head WHERE id = 1)
                UNION ALL
                SELECT (
                    SELECT max(seq) FROM entry WHERE subject = ?1 AND seq > ?3 AND seq < (
                        SELECT first_seq FROM txn WHERE id = (SELECT txn FROM entry WHERE seq = last.seq)))
                FROM last WHERE last.seq IS NOT NULL
                LIMIT ?2
            )
            SELECT \(Self.headerColumns) FROM txn
            WHERE id IN (SELECT txn FROM entry WHERE seq IN (SELECT seq FROM last)) ORDER BY id
            """, [subject, limit, floor], header)
        let count = bytes == .max ? headers.count : try latest(of: headers, on: subject, within: bytes)
        let isCut = count < headers.count
        headers.removeFirst(headers.count - count)
        guard let first = headers.first?.firstSeq else { return ([], false) }
        let entries = try all(
            """
            SELECT \(Self.entryColumns) FROM entry
            WHERE subject = ? AND seq BETWEEN ? AND (SELECT seq FROM head WHERE id = 1) ORDER BY seq
            """, [subject, Int64(clamping: first)], entry)
        return (group(headers, entries), isCut)
    }

    /// How many of the last have so many bytes of values together; one at least.
    private func latest(
        of headers: [LoggedHeader], on subject: String, within bytes: Int
    ) throws(StoreError) -> Int {
        guard let first = headers.first?.firstSeq else { return 0 }
        let sizes = try all(
            """
            SELECT sum(length(value)) FROM entry
            WHERE subject = ? AND seq BETWEEN ? AND (SELECT seq FROM head WHERE id = 1) GROUP BY txn ORDER BY txn DESC
            """, [subject, Int64(clamping: first)]
        ) { row throws(StoreError) in Int(clamping: try row.naturalIfPresent(0) ?? 0) }
        var left = bytes
        let count = sizes.prefix { size in
            left -= size
            return left >= 0
        }.count
        return max(1, count)
    }

    func seen(after device: DeviceID?, limit: Int) throws(StoreError) -> [Seen] {
        try all(
            "SELECT device, enrolment, at, held FROM seen WHERE device > ? ORDER BY device LIMIT ?",
            [device.map { Int64(clamping: $0.seq) } ?? -1, limit]
        ) { row in
            // One that cannot be read says nothing, and is written over with the next.
            let device = DeviceID(seq: try row.natural(0))
            guard let enrolment = try? row.natural(1), let at = try? row.integer(2) else {
                return Seen(device, enrolment: 0, at: 0)
            }
            return Seen(device, enrolment: enrolment, at: at, held: try? row.digestIfPresent(3))
        }
    }

    func userDocument(of device: DeviceID) throws(StoreError) -> UserDocumentRow? {
        let rows = try rows(
            "SELECT version, body FROM user_document WHERE device = ?", [Int64(clamping: device.seq)])
        guard let row = rows.first else { return nil }
        return UserDocumentRow(version: try row.natural(0), document: (try? row.bytes(1)).flatMap(Self.userDocument))
    }

    static func userDocument(_ body: [UInt8]) -> UserDocument? {
        (try? JSONReader.read(body, within: .stored)).flatMap { UserDocument($0) }
    }

    func lastCommon(with epoch: UInt64) throws(StoreError) -> Seq? {
        try rows("SELECT min(after) FROM incarnation WHERE epoch > ?", [Int64(clamping: epoch)]).first?
            .naturalIfPresent(0)
    }

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
