/// What tells a record from its neighbours: the values of its key members, ordered by their canonical bytes.
struct RecordKey: Hashable, Comparable {
    let parts: [JSONValue]
    private let bytes: [UInt8]

    init(parts: [JSONValue]) {
        self.parts = parts
        bytes = parts.flatMap(Self.sortBytes)
    }

    /// The key of a record in normal form.
    init(of record: JSONValue, named names: [String]) {
        self.init(parts: names.map { record[$0] ?? .null })
    }

    /// The key as one value, for a message.
    func value() -> JSONValue { parts.count == 1 ? parts[0] : .array(parts) }

    static func == (left: RecordKey, right: RecordKey) -> Bool { left.parts == right.parts }

    func hash(into hasher: inout Hasher) { hasher.combine(parts) }

    static func < (left: RecordKey, right: RecordKey) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

    /// Plain strings sort by their own bytes, not by those of their JSON form with its quotes and escapes.
    private static func sortBytes(_ part: JSONValue) -> [UInt8] {
        if let text = part.string { Array(text.utf8) + [0] } else { CanonicalWriter.bytes(of: part) + [0] }
    }
}

/// The canonical order of a set.
enum CanonicalSet {
    /// The distinct elements, sorted by bytes.
    static func sorted(_ elements: some Sequence<JSONValue>) -> [JSONValue] {
        Set(elements).map { RecordKey(parts: [$0]) }.sorted().map { $0.parts[0] }
    }
}
