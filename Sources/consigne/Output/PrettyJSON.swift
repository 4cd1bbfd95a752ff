import SyncCore

/// JSON for a reader's eyes: sorted names, two spaces an indent, short values on one line.
enum PrettyJSON {
    private static let lineWidth = 100

    static func text(of value: JSONValue, indent: Int = 0) -> String {
        let flat = CanonicalWriter.text(of: value)
        guard flat.count + indent > lineWidth else { return flat }
        let inner = String(repeating: " ", count: indent + 2)
        let outer = String(repeating: " ", count: indent)
        switch value {
        case .array(let elements):
            let lines = elements.map { inner + text(of: $0, indent: indent + 2) }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(outer)]"
        case .object(let members):
            let lines = members.sorted { $0.key < $1.key }.map { name, member in
                "\(inner)\(CanonicalWriter.text(of: .string(name))): \(text(of: member, indent: indent + 2))"
            }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(outer)}"
        case .null, .bool, .integer, .string: return flat
        }
    }
}
