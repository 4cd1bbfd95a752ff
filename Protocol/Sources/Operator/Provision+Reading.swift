import SyncCore

extension Provision {
    private static let expected = "[serial, model, unit, tags with spaces between, SHA-256 of the token]"

    /// Reads one row of a lot.
    ///
    /// - Parameter expires: the end of its token's time, which all rows share.
    init(_ row: JSONValue, at path: String, expires: Int64) throws(Malformed) {
        guard let cells = row.array, cells.count == 5, case let texts = cells.compactMap(\.string), texts.count == 5
        else { throw Malformed(field: path, value: row, expected: Self.expected) }
        func cell<T>(_ name: String, _ index: Int, _ expected: String, _ value: T?) throws(Malformed) -> T {
            guard let value else {
                throw Malformed(field: "\(path).\(name)", value: cells[index], expected: expected)
            }
            return value
        }
        let words = texts[3].split(separator: " ")
        let tags = words.compactMap { Tag($0) }
        self.init(
            serial: try cell("serial", 0, SerialNumber.expected, SerialNumber.isValid(texts[0]) ? texts[0] : nil),
            model: try cell("model", 1, Self.model, Self.isModel(texts[1]) ? texts[1] : nil),
            unit: try cell("unit", 2, OrgPath.expected, OrgPath(texts[2])),
            tags: try cell(
                "tags", 3, "at most 32 tags with spaces between, each \(Tag.expected)",
                tags.count == words.count && tags.count <= 32 ? Set(tags) : nil),
            tokenHash: try cell("token", 4, "a SHA-256 value of 64 lower-case hexadecimal digits", Digest(texts[4])),
            expires: expires)
    }

    private static let model = "1 to \(Facts.textLimit) bytes of \(PlainText.expected)"

    private static func isModel(_ text: String) -> Bool {
        (1...Facts.textLimit).contains(text.utf8.count) && PlainText.fault(in: text) == nil
    }
}
