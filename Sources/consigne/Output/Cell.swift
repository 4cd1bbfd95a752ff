import SyncCore

/// One value as it stands in a table: on one line, nothing hidden in it.
enum Cell {
    private static let width = 60

    static func text(of value: JSONValue?) -> String { cut(whole(value)) }

    /// The value without a bound to its length.
    static func whole(_ value: JSONValue?) -> String {
        switch value {
        case nil: "-"
        case .string(let text)?: text.printable()
        case .array(let elements)? where elements.allSatisfy({ $0.string != nil }):
            elements.isEmpty ? "-" : elements.compactMap(\.string).joined(separator: " ").printable()
        case let value?: CanonicalWriter.text(of: value).printable()
        }
    }

    static func cut(_ text: String) -> String { text.count > width ? text.prefix(width - 3) + "..." : text }
}
