/// An identifier that is the log position of the entry that created the thing: unique, ordered, never reused.
public protocol LogIdentifier: Hashable, Comparable, Sendable, CustomStringConvertible {
    static var prefix: Character { get }
    var seq: UInt64 { get }
    init(seq: UInt64)
}

extension LogIdentifier {
    public var description: String { "\(Self.prefix)\(seq)" }

    /// Reads `p12`; nil for anything that is not exactly an identifier of this kind.
    public init?(_ text: some StringProtocol) {
        guard text.first == Self.prefix, let seq = UInt64(text.dropFirst()), text == "\(Self.prefix)\(seq)" else {
            return nil
        }
        self.init(seq: seq)
    }

    public static func < (left: Self, right: Self) -> Bool { left.seq < right.seq }
}

/// One terminal, across its re-enrolments.
public struct DeviceID: LogIdentifier {
    public static let prefix: Character = "d"
    public let seq: UInt64
    public init(seq: UInt64) { self.seq = seq }
}

/// One policy, across all changes of its settings.
public struct PolicyID: LogIdentifier {
    public static let prefix: Character = "p"
    public let seq: UInt64
    public init(seq: UInt64) { self.seq = seq }
}

/// One binding of a policy.
public struct AssignmentID: LogIdentifier {
    public static let prefix: Character = "a"
    public let seq: UInt64
    public init(seq: UInt64) { self.seq = seq }
}

/// One enrolment token.
public struct TokenID: LogIdentifier {
    public static let prefix: Character = "t"
    public let seq: UInt64
    public init(seq: UInt64) { self.seq = seq }
}

/// A policy as people name it: `/gendarmerie:baseline`, unique in the unit that owns it.
public struct PolicyReference: Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let expected = "a policy such as /gendarmerie:baseline"

    public let owner: OrgPath
    public let name: String

    public init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":"), let owner = OrgPath(String(text[..<colon])) else { return nil }
        self.init(owner: owner, name: String(text[text.index(after: colon)...]))
    }

    public init?(owner: OrgPath, name: String) {
        guard Name.isValid(name) else { return nil }
        self.owner = owner
        self.name = name
    }

    public var description: String { "\(owner):\(name)" }

    public static func < (left: Self, right: Self) -> Bool { (left.owner, left.name) < (right.owner, right.name) }
}

/// The name an operator signs with; unique for ever, because the log refers to it.
public struct OperatorName: Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let expected = "1 to 63 characters of a-z, 0-9, - _ ."

    public let text: String

    public init?(_ text: String) {
        guard Name.isValid(text) else { return nil }
        self.text = text
    }

    public var description: String { text }

    public static func < (left: Self, right: Self) -> Bool { left.text.precedesInBytes(right.text) }
}

/// A server-owned label of a device, that selectors match.
public struct Tag: Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let expected = "a tag of 1 to 63 characters of a-z, 0-9, - _ ."

    public let text: String

    public init?(_ text: some StringProtocol) {
        guard Name.isValid(text) else { return nil }
        self.text = String(text)
    }

    public var description: String { text }

    public static func < (left: Self, right: Self) -> Bool { left.text.precedesInBytes(right.text) }
}
