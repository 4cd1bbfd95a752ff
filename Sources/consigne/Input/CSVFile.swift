import SyncCore

/// Rows of comma-separated values (RFC 4180), read strictly: what is not of that form is refused where it stands.
///
/// Beyond it, what spreadsheets do: `;` or a tab in the comma's place (the heading tells which), a first line `sep=;`,
/// rows without anything in them. No library on hand says in which line a row began, or refuses a stray quotation mark.
struct CSVFile {
    struct Row {
        /// From 1; of a row with line ends in its cells, where it began.
        let line: Int
        let cells: [String]
    }

    /// Rows that have something in them.
    let rows: [Row]

    init(_ file: TextFile) throws {
        var text = file.text[...]
        var reader = Reader(path: file.path, line: 1)
        if let first = text.split(maxSplits: 1, whereSeparator: \.isNewline).first, first.hasPrefix("sep="),
            first.count == 5, let separator = first.last
        {
            reader.separator = separator
            text = text.dropFirst(first.count + 1)
            reader.line = 2
        } else {
            reader.separator = Self.separator(of: text)
        }
        let rows = try reader.rows(text)
        self.rows = rows.filter { row in row.cells.contains { !$0.allSatisfy(\.isWhitespace) } }
    }

    /// The one that the heading has most of, which is the first line with something in it.
    private static func separator(of text: Substring) -> Character {
        let heading = text.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) } ?? ""
        return ([",", ";", "\t"] as [Character]).max { left, right in
            heading.count { $0 == left } < heading.count { $0 == right }
        } ?? ","
    }

    private struct Reader {
        let path: String
        var separator: Character = ","
        var line: Int

        init(path: String, line: Int) {
            self.path = path
            self.line = line
        }

        mutating func rows(_ text: Substring) throws -> [Row] {
            var rows: [Row] = []
            var rest = text
            while !rest.isEmpty {
                let begun = line
                var cells: [String] = []
                repeat {
                    cells.append(try cell(&rest, number: cells.count + 1))
                } while take(separator, from: &rest)
                rows.append(Row(line: begun, cells: cells))
                guard let end = rest.popFirst() else { break }
                guard end.isNewline else {
                    throw fault(cells.count, "found \(end) behind a closing quotation mark, expected the next cell")
                }
                line += 1
            }
            return rows
        }

        private mutating func cell(_ rest: inout Substring, number: Int) throws -> String {
            guard take("\"", from: &rest) else {
                let cell = rest.prefix { $0 != separator && !$0.isNewline }
                rest = rest[cell.endIndex...]
                guard !cell.contains("\"") else {
                    throw fault(
                        number,
                        "found a quotation mark within \(Cell.cut(String(cell)).printable()), expected the cell in "
                            + "quotation marks and those in it doubled")
                }
                return String(cell)
            }
            var cell = ""
            let begun = line
            while let character = rest.popFirst() {
                if character == "\"" {
                    guard take("\"", from: &rest) else { return cell }
                } else if character.isNewline {
                    line += 1
                }
                cell.append(character)
            }
            line = begun
            throw fault(number, "a quotation mark is not closed")
        }

        private func take(_ character: Character, from rest: inout Substring) -> Bool {
            guard rest.first == character else { return false }
            rest.removeFirst()
            return true
        }

        private func fault(_ column: Int, _ text: String) -> Failure {
            Failure(.dataRefused, "\(path):\(line): column \(column): \(text)")
        }
    }
}
