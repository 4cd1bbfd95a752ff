/// One thing that is asked of a user document: by the user on the terminal, or by an operator for him.
///
/// Edits say what is done and not only what comes of it, so that one made offline and one made elsewhere can both count.
public struct UserEdit: Hashable, Sendable {
    /// What is done; which of them fit a setting follows from its strategy (`UserShape`).
    public enum Operation: String, Hashable, Sendable, CaseIterable {
        /// The setting gets a value.
        case set
        /// The setting has no value any more.
        case unset
        /// A set gets elements.
        case add
        /// A set loses elements, or a list of records loses those with these keys.
        case remove
        /// A record is as stated, whole: fields left out are unset.
        case put
        /// A record's stated fields change; the others stay as they are.
        case patch
    }

    public let key: String
    public let operation: Operation
    /// Nil for `unset` alone.
    public let value: JSONValue?

    public init(_ key: String, _ operation: Operation, _ value: JSONValue? = nil) {
        self.key = key
        self.operation = operation
        self.value = value
    }

    /// Reads what `json` writes.
    public init?(_ json: JSONValue) {
        guard let key = json["key"]?.string, let operation = json["op"]?.string.flatMap(Operation.init) else {
            return nil
        }
        self.init(key, operation, json["value"])
    }

    public var json: JSONValue { .object(members) }

    /// The members of the edit on the wire and in a store.
    public var members: [String: JSONValue] {
        var members: [String: JSONValue] = ["key": .string(key), "op": .string(operation.rawValue)]
        members["value"] = value
        return members
    }
}

/// An edit as a device made it: numbered, and with what the device had seen.
public struct DeviceEdit: Hashable, Sendable {
    /// Counts from 1 within one enrolment, without gaps.
    public let number: UInt64
    public let edit: UserEdit
    /// The revision of the user document that the device held when it was made.
    public let seen: Seq
    /// When it was made by the terminal's clock, in milliseconds since 1970. For people; nothing depends on it.
    public let claimed: Int64?

    public init(number: UInt64, edit: UserEdit, seen: Seq, claimed: Int64? = nil) {
        self.number = number
        self.edit = edit
        self.seen = seen
        self.claimed = claimed
    }
}
