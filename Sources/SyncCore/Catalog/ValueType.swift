/// What a value of a setting, or of a field in a record, may be.
public indirect enum ValueType: Hashable, Sendable {
    case bool
    case integer
    /// An integer that AMAPI writes as a string (protobuf's JSON mapping of int64); kept as an integer.
    case integer64
    /// protobuf's JSON duration: `"300s"`, `"1.5s"`.
    case duration
    /// RFC 3339 in UTC.
    case timestamp
    /// Text of any length and form, without control characters that are no line's end.
    case string
    /// A name that another system gives: `PlainText`.
    case name
    /// The name of an Android application: `fr.example.pve`.
    case package
    case enumeration(Enumeration)
    case set(of: ValueType)
    case list(of: ValueType, maximumCount: Int)
    /// An object; with members, exactly those are known.
    case record(members: [String: ValueType]?)
    case records(RecordShape)
    /// An object holding several lists of records, each under a key of its own (an ONC document).
    case keyedLists([String: String])
    /// Any JSON within the limits.
    case opaque

    /// The values of an enumeration, most of them AMAPI's.
    public struct Enumeration: Hashable, Sendable {
        /// Admitted values; empty when the catalog lists none, which admits every name.
        public let values: [String]
        /// Old names and what they are called now.
        public let aliases: [String: String]

        public init(values: [String], aliases: [String: String] = [:]) {
            self.values = values
            self.aliases = aliases
        }
    }

    /// Records that are told apart by a key.
    public struct RecordShape: Hashable, Sendable {
        /// The members that make the key, in order.
        public let key: [String]
        /// Their types, in the same order.
        public let keyTypes: [ValueType]
        /// Key values that stand for another; the name `null` stands for an absent key.
        public let keyAliases: [String: String]
        /// Known fields by dotted path.
        public let fields: [String: ValueType]
        public let maximumCount: Int
    }
}

extension ValueType: CustomStringConvertible {
    /// What was expected, in the words of an error message.
    public var description: String {
        switch self {
        case .bool: "a boolean"
        case .integer: "an integer"
        case .integer64: "an integer, or a string of digits"
        case .duration: "a duration in seconds such as \"300s\""
        case .timestamp: "a UTC time such as \"2026-11-23T08:00:00Z\""
        case .string: "a string"
        case .name: "a name of \(PlainText.expected)"
        case .package: "an application's name such as \"fr.example.pve\""
        case .enumeration(let enumeration):
            enumeration.values.isEmpty ? "a name" : "one of \(enumeration.values.joined(separator: ", "))"
        case .set(let element): "an array of distinct elements, each \(element)"
        case .list(let element, let maximum): "an array of at most \(maximum) elements, each \(element)"
        case .record(let members):
            members.map { "an object of \($0.keys.sorted().joined(separator: ", "))" } ?? "an object"
        case .records(let shape): "an array of records with \(shape.key.joined(separator: " and "))"
        case .keyedLists(let lists): "an object of lists \(lists.keys.sorted().joined(separator: ", "))"
        case .opaque: "a JSON value"
        }
    }
}
