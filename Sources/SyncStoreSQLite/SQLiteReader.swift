import Foundation
import GRDB
import SyncCore
import SyncStore

/// Reads inside one database transaction.
struct SQLiteReader: StoreReader {
    let database: Database

    func head() throws(StoreError) -> Head {
        let row = try rows("SELECT epoch, seq FROM head WHERE id = 1").first
        guard let row else { throw .failed("the head row is missing") }
        return Head(epoch: UInt64(row["epoch"] as Int64), seq: Seq(row["seq"] as Int64))
    }

    func transactions(after seq: Seq, limit: Int) throws(StoreError) -> [Transaction] {
        if let floor = try floor(), seq < floor.seq { throw .compacted(floor: floor.seq) }
        let headers = try rows(
            """
            SELECT * FROM txn WHERE entries > 0 AND first_seq + entries - 1 > ?
            AND first_seq >= (SELECT coalesce(max(first_seq), 0) FROM txn WHERE first_seq <= ? AND entries > 0)
            ORDER BY first_seq LIMIT ?
            """, [Int64(seq), Int64(seq) + 1, limit])
        guard let first = headers.first, let last = headers.last else { return [] }
        let entries = try rows(
            "SELECT * FROM entry WHERE seq BETWEEN ? AND ? ORDER BY seq",
            [first["first_seq"] as Int64, (last["first_seq"] as Int64) + (last["entries"] as Int64) - 1])
        return try group(headers, entries)
    }

    func transaction(author: String, intent: String) throws(StoreError) -> Transaction? {
        let headers = try rows("SELECT * FROM txn WHERE author = ? AND intent = ?", [author, intent])
        guard let header = headers.first else { return nil }
        let entries = try rows(
            "SELECT * FROM entry WHERE txn = ? AND seq >= ? AND seq < ?",
            [
                header["id"] as Int64, header["first_seq"] as Int64,
                (header["first_seq"] as Int64) + (header["entries"] as Int64),
            ])
        return try group(headers, entries).first
    }

    func position(at time: Int64) throws(StoreError) -> Seq {
        let row = try rows(
            "SELECT max(first_seq + entries - 1) AS seq FROM txn WHERE received <= ? AND entries > 0", [time]
        ).first
        if let last = row?["seq"] as Int64? { return Seq(last) }
        return try positionAtFloor(time)
    }

    func history(of subject: String, limit: Int) throws(StoreError) -> [Transaction] {
        let entries = try rows("SELECT * FROM entry WHERE subject = ? ORDER BY seq", [subject])
        var ids: [Int64] = []
        for entry in entries where ids.last != entry["txn"] { ids.append(entry["txn"]) }
        let kept = Array(ids.suffix(limit))
        guard let first = kept.first, let last = kept.last else { return [] }
        let headers = try rows("SELECT * FROM txn WHERE id BETWEEN ? AND ? ORDER BY id", [first, last])
        let wanted = Set(kept)
        return try group(headers.filter { wanted.contains($0["id"]) }, entries.filter { wanted.contains($0["txn"]) })
    }

    func reports(after device: DeviceID?, limit: Int) throws(StoreError) -> [StoredReport] {
        let after = device.map { Int64($0.seq) } ?? -1
        return try rows("SELECT * FROM report WHERE device > ? ORDER BY device LIMIT ?", [after, limit]).map(report)
    }

    func report(of device: DeviceID) throws(StoreError) -> StoredReport? {
        try rows("SELECT * FROM report WHERE device = ?", [Int64(device.seq)]).first.map(report)
    }

    func userDocument(of device: DeviceID) throws(StoreError) -> UserDocument? {
        guard let row = try rows("SELECT body FROM user_document WHERE device = ?", [Int64(device.seq)]).first else {
            return nil
        }
        guard let json = try? JSONReader.read(Array(row["body"] as Data)), let document = UserDocument(json) else {
            throw .failed("the user document of \(device) cannot be read")
        }
        return document
    }

    func lastCommon(with epoch: UInt64) throws(StoreError) -> Seq? {
        let row = try rows("SELECT min(after) AS seq FROM incarnation WHERE epoch > ?", [Int64(epoch)]).first
        return (row?["seq"] as Int64?).map { Seq($0) }
    }

    /// Puts each entry under its header; both are in order.
    private func group(_ headers: [Row], _ entries: [Row]) throws(StoreError) -> [Transaction] {
        var byTransaction: [Int64: [Entry]] = [:]
        for row in entries { byTransaction[row["txn"], default: []].append(try entry(row)) }
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

    private func entry(_ row: Row) throws(StoreError) -> Entry {
        let seq = Seq(row["seq"] as Int64)
        guard let operation = Entry.Operation(rawValue: row["op"]),
            let outcome = Entry.Outcome(rawValue: row["outcome"]), let leaf = digest(row["leaf"])
        else {
            throw .failed("entry \(seq) cannot be read")
        }
        var value: JSONValue?
        if let bytes = row["value"] as Data? {
            do {
                value = try JSONReader.read(Array(bytes))
            } catch {
                throw .failed("the value of entry \(seq) cannot be read: \(error)")
            }
        }
        return Entry(
            seq: seq, subject: row["subject"], key: row["key"], operation: operation, value: value,
            base: Seq(row["base"] as Int64), outcome: outcome, salt: (row["salt"] as Data?).map { Array($0) },
            leaf: leaf)
    }

    private func report(_ row: Row) -> StoredReport {
        StoredReport(
            device: DeviceID(seq: UInt64(row["device"] as Int64)), enrolment: Seq(row["enrolment"] as Int64),
            number: UInt64(row["number"] as Int64), held: digest(row["held"]), failed: digest(row["failed"]),
            received: row["received"], body: Array(row["body"] as Data))
    }

    func digest(_ data: Data?) -> Digest? { data.flatMap { Digest(bytes: Array($0)) } }

    func rows(_ sql: String, _ arguments: StatementArguments = []) throws(StoreError) -> [Row] {
        do {
            return try Row.fetchAll(try database.cachedStatement(sql: sql), arguments: arguments)
        } catch {
            throw .failed("\(error)")
        }
    }
}
