/// One key of the settings catalog.
public struct Setting: Hashable, Sendable {
    /// Who may write a setting.
    public enum Writer: String, Hashable, Sendable {
        case `operator`
        case unitOfficer = "unit-officer"
        case user
        case device
    }

    /// A user's write counts only while another setting has this value.
    public struct Gate: Hashable, Sendable {
        public let key: String
        public let equals: JSONValue
    }

    /// The resolved value may not exceed that of another setting.
    public struct Clamp: Hashable, Sendable {
        public let key: String
        /// Milliseconds in one unit of the other setting's integer.
        public let milliseconds: Int64
    }

    /// In one record, the lower field must stay below the upper one.
    public struct Constraint: Hashable, Sendable {
        public let lower: String
        public let upper: String
    }

    public let key: String
    public let type: ValueType
    public let strategy: Strategy
    /// What AMAPI takes when nobody sets it; nil when it says nothing.
    public let defaultValue: JSONValue?
    public let writers: Set<Writer>
    public let gate: Gate?
    public let range: ClosedRange<Int64>?
    public let clamp: Clamp?
    public let constraint: Constraint?
    /// Names people or holds free text: it enters the log's hashes only salted.
    public let isPersonal: Bool
    /// The setting as a whole can erase a terminal.
    public let isDestructive: Bool
    /// Fields, by dotted path, that can erase a terminal.
    public let destructiveFields: [String]

    /// Whether an operator's policy may carry it. `reported.*` describes reports and `unit.*` a device's attributes.
    public var mayStandInPolicy: Bool { writers.contains(.operator) && !key.hasPrefix("unit.") }
}
