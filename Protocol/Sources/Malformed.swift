import SyncCore

/// A message that does not have the form the protocol gives it: which field, what stands there, what was expected.
public struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
    public let field: String
    public let value: String
    public let expected: String

    public init(field: String, value: JSONValue?, expected: String) {
        self.init(field: field, text: value.map(CanonicalWriter.text) ?? "nothing", expected: expected)
    }

    public init(field: String, text: String, expected: String) {
        self.field = field
        value = text.utf8.count > 80 ? String(text.prefix(77)) + "..." : text
        self.expected = expected
    }

    public var description: String { "\(field): found \(value), expected \(expected)" }
}
