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
    private let format: Int
    let head: Head
    let floor: Floor?

    init(_ database: Database) throws {
        format = try Schema.version(of: database)
        reader = SQLiteReader(database: database)
        head = try reader.head()
        floor = try reader.floor()
    }

    mutating func look() throws(StoreError) {
        try lookAtLog()
        for table in KeptTable.all(of: format) { try look(at: table) }
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
