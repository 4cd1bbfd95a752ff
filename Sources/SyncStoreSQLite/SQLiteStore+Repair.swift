import Foundation
import GRDB
import SyncCore
import SyncStore

/// What a repair left out.
public struct StoreRepair: Hashable, Sendable {
    public let head: Head
    /// Each thing that could not be read, in words.
    public let dropped: [String]
}

extension SQLiteStore {
    /// Copies a store without what cannot be read in it, as a new incarnation of the log; whole or not at all.
    ///
    /// An entry keeps its position and its leaf; what it said is gone. A user document that is left out is stated by its
    /// device again, which the new epoch makes it do; a report is sent again with the next one.
    ///
    /// - Parameter now: seconds since 1970.
    /// - Returns: nil, and no copy is made, where everything can be read.
    public static func repair(_ path: String, to copy: String, now: UInt64) throws -> StoreRepair? {
        guard FileManager.default.fileExists(atPath: path) else { throw StoreError.unusable("\(path) does not exist") }
        guard !FileManager.default.fileExists(atPath: copy) else { throw StoreError.unusable("\(copy) exists already") }
        var repair: StoreRepair?
        do {
            try make(copy) { unfinished in
                try vacuum(path, into: unfinished)
                let queue = try DatabaseQueue(path: unfinished)
                repair = try queue.write { try Repairing(database: $0).repair(now: now) }
                try queue.close()
                guard repair != nil else { throw NothingToRepair() }
            }
        } catch is NothingToRepair {
            return nil
        }
        _ = try inspect(copy)
        return repair
    }
}

/// Ends the making of a copy that nobody needs.
struct NothingToRepair: Error {}

/// The tables of one copy, gone through one by one.
private struct Repairing {
    let database: Database

    func repair(now: UInt64) throws -> StoreRepair? {
        let dropped = try entries() + userDocuments() + reports() + state()
        let old = try SQLiteReader(database: database).head()
        guard !dropped.isEmpty else { return nil }
        let head = Head(epoch: max(old.epoch + 1, now), seq: old.seq)
        try SQLiteStore.begin(head, in: database)
        return StoreRepair(head: head, dropped: dropped)
    }

    private func entries() throws -> [String] {
        let reader = SQLiteReader(database: database)
        let rows = try Row.fetchCursor(database, sql: "SELECT \(SQLiteReader.entryColumns) FROM entry ORDER BY seq")
        var gaps: [(seq: Int64, name: String)] = []
        while let row = try rows.next() {
            guard (try? reader.entry(row)) == nil else { continue }
            gaps.append((row[1], "entry \(row[1] as Int64): \(row[2] as String) \(row[3] as String)"))
        }
        for (seq, _) in gaps {
            try database.execute(
                sql: """
                    UPDATE entry SET subject = ?, key = '', op = 'remove', value = NULL, base = 0, outcome = 'applied',
                    salt = NULL WHERE seq = ?
                    """, arguments: [Entry.unreadable, seq])
        }
        return gaps.map(\.name)
    }

    private func userDocuments() throws -> [String] {
        let bad = try Row.fetchAll(database, sql: "SELECT device, body FROM user_document ORDER BY device").filter {
            SQLiteReader.userDocument($0[1]) == nil
        }
        return try drop(bad, from: "user_document", "the user document")
    }

    private func reports() throws -> [String] {
        try ["report", "arrival"].flatMap { table in
            let bad = try Row.fetchAll(database, sql: "SELECT device, body FROM \(table) ORDER BY device").filter {
                (try? JSONReader.read(Array($0[1] as Data), within: .stored)) == nil
            }
            return try drop(bad, from: table, "a report")
        }
    }

    private func drop(_ rows: [Row], from table: String, _ what: String) throws -> [String] {
        try rows.map { row in
            let device = row[0] as Int64
            try database.execute(sql: "DELETE FROM \(table) WHERE device = ?", arguments: [device])
            return "\(what) of \(DeviceID(seq: UInt64(clamping: device)))"
        }
    }

    /// Lines of the state at the floor.
    private func state() throws -> [String] {
        let reader = SQLiteReader(database: database)
        guard let floor = try reader.floor() else { return [] }
        var dropped: [String] = []
        var number = 0
        let pieces = try reader.state(from: 0, limit: .max).map { piece -> [UInt8] in
            piece.split(separator: UInt8(ascii: "\n")).flatMap { line -> [UInt8] in
                number += 1
                if (try? JSONReader.read(Array(line), within: .stored)) != nil { return line + [UInt8(ascii: "\n")] }
                dropped.append("line \(number) of the state at \(floor.seq)")
                return []
            }
        }
        guard !dropped.isEmpty || Digest(hashing: pieces) != floor.state else { return [] }
        for (index, piece) in pieces.enumerated() {
            try database.execute(sql: "UPDATE state SET piece = ? WHERE id = ?", arguments: [Data(piece), index])
        }
        try database.execute(
            sql: "UPDATE floor SET state = ? WHERE id = 1", arguments: [Data(Digest(hashing: pieces).bytes)])
        return dropped.isEmpty ? ["the hash of the state at \(floor.seq), which was another's"] : dropped
    }
}
