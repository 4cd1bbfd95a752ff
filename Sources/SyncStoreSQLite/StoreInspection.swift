import GRDB
import SyncCore
import SyncStore

/// A look at every row of a store, inside one database transaction: what can be read, and whether it is what was written.
///
/// What an entry says, and who said it when, is held against its leaf (see `Leaf`). Rows beside the log have no hash, nor
/// has the digest of a request: they can be read or not.
struct StoreInspection {
    private let reader: SQLiteReader
    private(set) var entries = InspectedEntries()
    private(set) var damage: [StoreDamage] = []
    let head: Head
    let floor: Floor?

    init(_ database: Database) throws(StoreError) {
        reader = SQLiteReader(database: database)
        head = try reader.head()
        floor = try reader.floor()
    }

    mutating func look() throws(StoreError) {
        try lookAtLog()
        for table in KeptTable.all { try look(at: table) }
        if let floor, Digest(hashing: try reader.state(from: 0, limit: .max)) != floor.state {
            damage.append(.state(floor: floor.seq))
        }
    }

    /// One cursor through all entries, hashed a batch at a time on all processors.
    private mutating func lookAtLog() throws(StoreError) {
        var batch = try InspectedBatch(reader, after: floor?.seq ?? 0)
        try reader.each(
            "SELECT \(SQLiteReader.entryColumns) FROM entry WHERE seq <= ? ORDER BY seq", [Int64(clamping: head.seq)]
        ) { row in
            try batch.add(row)
            if batch.isFull { entries.take(batch.verified()) }
        }
        batch.end(at: head.seq)
        entries.take(batch.verified())
        damage += entries.damage
        entries.damage = []
    }

    private mutating func look(at table: KeptTable) throws(StoreError) {
        try reader.each("SELECT \(table.columns), rowid FROM \(table.name) ORDER BY rowid") { row in
            guard !table.isRead(reader, row) else { return }
            let device = (try? row.natural(0)).map { "\(DeviceID(seq: $0))" } ?? "a device that cannot be read"
            let id = try row.integer(row.count - 1)
            damage.append(.row(table: table.name, id: id, words: "\(table.what) of \(device)"))
        }
    }
}

/// A table whose rows stand each for itself and have no hash.
private struct KeptTable {
    let name: String
    let columns: String
    let what: String
    let isRead: (SQLiteReader, Row) -> Bool

    static var all: [KeptTable] {
        ["report", "arrival"].map { name in
            KeptTable(name: name, columns: SQLiteReader.reportColumns, what: "a report") { reader, row in
                (try? reader.report(row)).flatMap { try? JSONReader.read($0.body, within: .stored) } != nil
            }
        } + [
            KeptTable(name: "user_document", columns: "device, version, body", what: "the user document") { _, row in
                (try? row.natural(1)).flatMap { _ in (try? row.bytes(2)).flatMap(SQLiteReader.userDocument) } != nil
            },
            KeptTable(name: "seen", columns: "device, enrolment, at, held", what: "when it was seen last") { _, row in
                (try? (row.natural(1), row.integer(2), row.digestIfPresent(3))) != nil
            },
        ]
    }
}
