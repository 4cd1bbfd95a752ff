import SyncCore
import SyncProtocol

/// A delivered lot as a file: a heading, and a row a terminal. Columns stand in any order.
struct LotFile {
    struct Row {
        let serial: String
        let model: String
        let unit: OrgPath
        let tags: Set<Tag>
    }

    let rows: [Row]
    /// What was left out of the file, for whoever made it.
    let notes: [String]

    private static let columns = ["serial", "model", "unit", "tags"]

    init(_ path: String) throws {
        let lines = try CSVFile(try TextFile(path)).rows
        let heading = (lines.first?.cells ?? []).map { Self.trimmed($0).lowercased() }
        guard heading.sorted() == Self.columns.sorted(), let headingLine = lines.first?.line else {
            throw Failure(
                .dataRefused,
                "\(path):\(lines.first?.line ?? 1): found the heading \(Cell.text(of: .string(heading.joined(separator: ",")))), "
                    + "expected \(Self.columns.joined(separator: ",")), in any order, with commas, semicolons or tabs")
        }
        var reader = RowReader(columns: heading, path: path)
        for line in lines where line.line > headingLine { reader.read(line) }
        guard reader.problems.isEmpty else {
            let more = reader.problemCount - reader.problems.count
            throw Failure(
                .dataRefused,
                (reader.problems + (more > 0 ? ["and \(more) more"] : [])).joined(separator: "\n")
                    + "\nno row was taken")
        }
        guard (1...WireLimits.lotRows).contains(reader.rows.count) else {
            throw Failure(
                .dataRefused, "\(path): found \(reader.rows.count) rows, expected 1 to \(WireLimits.lotRows)")
        }
        rows = reader.rows
        notes = reader.notes
    }

    /// Without the blanks around it, of whatever kind.
    fileprivate static func trimmed(_ cell: String) -> String {
        let scalars = cell.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}

/// Reads row after row, and gathers what is wrong with them.
private struct RowReader {
    private struct BadCell: Error {
        let column: String
        let value: String
        let expected: String
    }

    /// More than these are counted: whoever exported the file wrongly has as many as rows.
    private static let problemsListed = 100

    let columns: [String]
    let path: String
    private(set) var rows: [LotFile.Row] = []
    private(set) var problems: [String] = []
    private(set) var problemCount = 0
    private var serials: [String: Int] = [:]
    private var trimmed = 0
    private var firstTrimmed = ""

    init(columns: [String], path: String) {
        self.columns = columns
        self.path = path
    }

    var notes: [String] {
        trimmed == 0 ? [] : ["\(path): blanks around \(trimmed) cells were left out, the first in \(firstTrimmed)"]
    }

    mutating func read(_ line: CSVFile.Row) {
        do throws(BadCell) {
            let row = try row(line)
            if let first = serials.updateValue(line.line, forKey: row.serial) {
                throw BadCell(
                    column: "serial", value: row.serial, expected: "one that does not stand in line \(first) too")
            }
            rows.append(row)
        } catch {
            problemCount += 1
            guard problems.count < Self.problemsListed else { return }
            let number = columns.firstIndex(of: error.column).map { "column \($0 + 1) (\(error.column)): " } ?? ""
            problems.append(
                "\(path):\(line.line): \(number)found \"\(Cell.text(of: .string(error.value)))\", expected \(error.expected)"
            )
        }
    }

    private mutating func row(_ line: CSVFile.Row) throws(BadCell) -> LotFile.Row {
        guard line.cells.count == columns.count else {
            throw BadCell(
                column: "", value: line.cells.joined(separator: ","),
                expected: "\(columns.count) cells: \(columns.joined(separator: ","))")
        }
        var cells: [String: String] = [:]
        for (column, cell) in zip(columns, line.cells) {
            let kept = LotFile.trimmed(cell)
            if kept.utf8.count != cell.utf8.count {
                if trimmed == 0 { firstTrimmed = "line \(line.line), \(column)" }
                trimmed += 1
            }
            cells[column] = kept
        }
        let (serial, model) = (cells["serial"] ?? "", cells["model"] ?? "")
        try check(serial: serial)
        if let fault = PlainText.fault(in: model) {
            throw BadCell(column: "model", value: model, expected: "\(PlainText.expected); it \(fault)")
        }
        guard (1...Facts.textLimit).contains(model.utf8.count) else {
            throw BadCell(column: "model", value: model, expected: "1 to \(Facts.textLimit) bytes")
        }
        guard let unit = OrgPath(cells["unit"] ?? "") else {
            throw BadCell(column: "unit", value: cells["unit"] ?? "", expected: OrgPath.expected)
        }
        let words = (cells["tags"] ?? "").split(separator: " ")
        guard case let tags = words.compactMap({ Tag($0) }), tags.count == words.count else {
            throw BadCell(
                column: "tags", value: cells["tags"] ?? "", expected: "tags with blanks between, each \(Tag.expected)")
        }
        return LotFile.Row(serial: serial, model: model, unit: unit, tags: Set(tags))
    }

    private func check(serial: String) throws(BadCell) {
        if Self.isShortened(serial) {
            throw BadCell(
                column: "serial", value: serial,
                expected:
                    "the serial number itself: a spreadsheet took it for a number and rounded it. Give the column "
                    + "the format Text, take the numbers from the delivery again, and export")
        }
        guard SerialNumber.isValid(serial) else {
            throw BadCell(column: "serial", value: serial, expected: SerialNumber.expected)
        }
    }

    /// A long number as spreadsheets write it: `3,53E+14`, `3.53E+14`, `353000000000000,0`.
    private static func isShortened(_ text: String) -> Bool {
        text.wholeMatch(of: /[0-9]+([.,][0-9]+[eE][+-]?|[eE][+-])[0-9]+/) != nil
            || text.wholeMatch(of: /[0-9]{9,}[.,][0-9]+/) != nil
    }
}
