import GRDB
import SyncCore

/// A table whose rows stand each for itself and have no hash.
struct KeptTable {
    let name: String
    let columns: String
    let what: String
    let isRead: (SQLiteReader, Row) -> Bool

    /// - Parameter format: the file's; earlier ones lack columns.
    static func all(of format: Int) -> [KeptTable] {
        let columns = Schema.columnsBesideLog(of: format)
        return ["report", "arrival"].map { name in
            KeptTable(name: name, columns: SQLiteReader.reportColumns, what: "a report") { reader, row in
                (try? reader.report(row)).flatMap { try? JSONReader.read($0.body, within: .stored) } != nil
            }
        } + [
            KeptTable(name: "user_document", columns: columns.userDocument, what: "the user document") { _, row in
                (try? row.natural(1)).flatMap { _ in (try? row.bytes(2)).flatMap(SQLiteReader.userDocument) } != nil
            },
            KeptTable(name: "seen", columns: columns.seen, what: "when it was seen last") { _, row in
                (try? (row.natural(1), row.integer(2), row.digestIfPresent(3))) != nil
            },
        ]
    }
}
