import GRDB
import SyncCore
import SyncStore

/// What a look at a whole store found: whether it is what was written.
public struct StoreCheck: Sendable {
    public let head: Head
    /// From where on the log is kept; 0 for all of it.
    public let floor: Seq
    /// Entries that are what their leaves are of.
    public let verified: Int
    /// Entries that a repair left out, and that everybody knows of.
    public let leftOut: Int
    /// Entries of which it is not known within which incarnation of the log they were written: nothing to hold them against.
    public let unverifiable: Int
    /// Each thing that is not what was written, in words.
    public let damage: [String]
}

extension SQLiteStore {
    /// Looks at everything in a store or a backup, also beside a server that has it open; writes nothing.
    ///
    /// - Throws: `unusable` where it is no store.
    public static func check(_ path: String) throws -> StoreCheck {
        try inspecting(path) { try check($0) }
    }

    static func check(_ database: Database) throws -> StoreCheck {
        let file = try integrity(of: database)
        var inspection = try StoreInspection(database)
        try inspection.look()
        return StoreCheck(
            head: inspection.head, floor: inspection.floor?.seq ?? 0, verified: inspection.entries.verified,
            leftOut: inspection.entries.leftOut, unverifiable: inspection.entries.unverifiable,
            damage: (file + inspection.damage).map(\.sentence))
    }

    /// What SQLite finds wrong with the file, of which a few are enough.
    private static func integrity(of database: Database) throws -> [StoreDamage] {
        try String.fetchAll(database, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }.map { .file($0) }
    }
}
