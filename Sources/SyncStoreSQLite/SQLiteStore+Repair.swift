import Foundation
import GRDB
import SyncCore
import SyncStore

/// What a repair left out.
public struct StoreRepair: Hashable, Sendable {
    public let head: Head
    /// Each thing that could not be read or was not what was written, in words.
    public let dropped: [String]
}

extension SQLiteStore {
    /// Pieces of the state at a floor as they were found, to pieces that can be read; and what those leave out, in words.
    public typealias StateRepair = (_ pieces: [[UInt8]], _ floor: Seq) -> ([[UInt8]], leftOut: [String])

    /// Copies a store without what is damaged in it, as a new incarnation of the log; whole or not at all.
    ///
    /// An entry keeps its position and its leaf; what it said is gone. A user document that is left out is stated by its
    /// device again, which the new epoch makes it do; a report is sent again with the next one.
    ///
    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - state: writes a damaged state at the floor anew, with what can be read of it.
    /// - Returns: nil, and no copy is made, where nothing is damaged.
    public static func repair(
        _ path: String, to copy: String, now: UInt64, state: @escaping StateRepair
    ) throws -> StoreRepair? {
        guard FileManager.default.fileExists(atPath: path) else { throw StoreError.unusable("\(path) does not exist") }
        do {
            return try make(copy) { unfinished in
                try vacuum(path, into: unfinished)
                let queue = try DatabaseQueue(path: unfinished)
                let repair = try queue.write { try Repairing(database: $0, rewritten: state).repair(now: now) }
                try queue.close()
                guard let repair else { throw NothingToRepair() }
                try inspect(unfinished, as: copy)
                return repair
            }
        } catch is NothingToRepair {
            return nil
        }
    }
}

/// Ends the making of a copy that nobody needs.
struct NothingToRepair: Error {}

/// Takes out of one copy what a look at it found.
private struct Repairing {
    let database: Database
    let rewritten: SQLiteStore.StateRepair

    func repair(now: UInt64) throws -> StoreRepair? {
        _ = try Schema.migrate(database, from: try Schema.version(of: database))
        var inspection = try StoreInspection(database)
        try inspection.look()
        guard !inspection.damage.isEmpty else { return nil }
        // How many entries a transaction has is counted when all are there.
        let dropped =
            try inspection.damage.filter { !$0.isOfHeader }.flatMap(drop)
            + inspection.damage.filter(\.isOfHeader).flatMap(drop)
        let old = inspection.head
        let head = Head(epoch: max(old.epoch + 1, now), seq: old.seq)
        try SQLiteStore.begin(head, in: database)
        return StoreRepair(head: head, dropped: dropped)
    }

    /// - Returns: what is gone, in words.
    private func drop(_ damage: StoreDamage) throws -> [String] {
        switch damage {
        case .file: break
        case .header(let id, let firstSeq): try mend(id, firstSeq)
        case .entry(let seq, let transaction, let leaf, _): try leaveOut(seq, of: transaction, leaf)
        case .row(let table, let id, _):
            try database.execute(sql: "DELETE FROM \(table) WHERE rowid = ?", arguments: [id])
        case .state: return try state()
        }
        return [damage.sentence]
    }

    private func leaveOut(_ seq: Seq, of transaction: Int64, _ leaf: Digest) throws {
        let seq = Int64(clamping: seq)
        try database.execute(
            sql: """
                INSERT OR REPLACE INTO entry(seq, txn, subject, key, op, value, base, outcome, salt, leaf)
                VALUES (?, coalesce((SELECT id FROM txn WHERE first_seq <= ? AND first_seq + entries > ?), ?),
                    ?, '', 'remove', NULL, 0, 'applied', NULL, ?)
                """, arguments: [seq, seq, seq, transaction, Entry.unreadable, Data(leaf.bytes)])
    }

    /// How far a transaction reaches is seen from its entries; where nothing else of it can be read, it was nobody's at
    /// no time.
    private func mend(_ id: Int64, _ firstSeq: Seq) throws {
        if try SQLiteReader(database: database).header(id: id) == nil {
            try database.execute(
                sql: """
                    INSERT OR REPLACE INTO txn(id, first_seq, entries, author, intent, received, request)
                    VALUES (?, ?, 0, ?, ?, 0, ?)
                    """,
                arguments: [
                    id, Int64(clamping: firstSeq), Entry.unreadable, "\(Entry.unreadable)-\(id)",
                    Data(Digest(hashing: []).bytes),
                ])
        }
        try database.execute(
            sql: """
                UPDATE txn SET entries = (SELECT count(*) FROM entry WHERE entry.txn = txn.id),
                first_seq = coalesce((SELECT min(seq) FROM entry WHERE entry.txn = txn.id), first_seq) WHERE id = ?
                """, arguments: [id])
    }

    private func state() throws -> [String] {
        let reader = SQLiteReader(database: database)
        guard let floor = try reader.floor() else { return [] }
        let (pieces, leftOut) = rewritten(try reader.state(from: 0, limit: .max), floor.seq)
        try database.execute(sql: "DELETE FROM state")
        for (index, piece) in pieces.enumerated() {
            try database.execute(sql: "INSERT INTO state(id, piece) VALUES (?, ?)", arguments: [index, Data(piece)])
        }
        try database.execute(
            sql: "UPDATE floor SET state = ? WHERE id = 1", arguments: [Data(Digest(hashing: pieces).bytes)])
        guard !leftOut.isEmpty else { return ["the hash of the state at \(floor.seq), which was another's"] }
        return leftOut.map { "of the state at \(floor.seq), \($0)" }
    }
}
