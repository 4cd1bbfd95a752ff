/// Where something stands in the log: gapless, in commit order, from 1.
public typealias Seq = UInt64

/// One line of the log: what became of one key of one subject.
public struct Entry: Hashable, Sendable {
    public enum Operation: String, Hashable, Sendable { case set, remove }

    /// What became of the write.
    public enum Outcome: String, Hashable, Sendable {
        case applied
        /// It and a write that its author had not seen were taken together; the value is what they make.
        case merged
        /// It counts although its author had not seen the latest write, which is kept as a sibling.
        case forced
        /// It does not count, and is kept as a sibling.
        case sibling
    }

    /// The subject of an entry that is there and cannot be read.
    public static let unreadable = "unreadable"

    public let seq: Seq
    /// The thing: `policy/p12`, `device/d40`.
    public let subject: String
    /// The part of it: a setting's key, `unit`, `tags`.
    public let key: String
    public let operation: Operation
    /// Nil for a removal.
    public let value: JSONValue?
    /// For a policy's setting, the log position that the author had seen; 0 elsewhere.
    public let base: Seq
    public let outcome: Outcome
    /// Present when the value is personal: 16 random bytes, so that the leaf can outlive the value (see `Leaf`).
    public let salt: [UInt8]?
    public let leaf: Digest

    public init(
        seq: Seq, subject: String, key: String, operation: Operation, value: JSONValue?, base: Seq, outcome: Outcome,
        salt: [UInt8]?, leaf: Digest
    ) {
        self.seq = seq
        self.subject = subject
        self.key = key
        self.operation = operation
        self.value = value
        self.base = base
        self.outcome = outcome
        self.salt = salt
        self.leaf = leaf
    }
}
