import SyncCore

/// Rows for people: columns as wide as they need to be, a line that says so when there are none.
struct Table {
    let headings: [String]
    let rows: [[String]]
    var footer: String?

    var text: String {
        guard !rows.isEmpty else { return footer ?? "none" }
        let all = [headings] + rows
        let widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        let lines = all.map { row in
            zip(row, widths).map { cell, width in
                cell.padded(to: width)
            }.joined(separator: "  ").trimmingTrailingSpaces()
        }
        return (lines + [footer].compactMap { $0 }).joined(separator: "\n")
    }

    /// A table of a list of objects: a column a member.
    static func of(_ list: JSONValue?, _ columns: [(heading: String, member: String)]) -> Table {
        Table(
            headings: columns.map(\.heading),
            rows: (list?.array ?? []).map { row in columns.map { Cell.text(of: row[$0.member]) } })
    }
}

extension String {
    /// At least so wide, by spaces behind it.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    fileprivate func trimmingTrailingSpaces() -> String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
