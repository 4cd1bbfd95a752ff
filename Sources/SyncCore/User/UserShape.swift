/// How a setting's part of a user document is made up: what can be edited on its own.
enum UserShape: Hashable {
    /// One value.
    case register
    case set(of: ValueType)
    /// Records told apart by one member.
    case records(ValueType.RecordShape)

    /// The member of a record by which the catalog says that it is deleted. Here an operation says it.
    static let deleted = "deleted"

    var operations: [UserEdit.Operation] {
        switch self {
        case .register: [.set, .unset]
        case .set: [.add, .remove]
        case .records: [.put, .patch, .remove]
        }
    }
}

extension Setting {
    /// Nil for a setting that users do not write.
    var userShape: UserShape? {
        guard writers.contains(.user) else { return nil }
        return switch (type, strategy) {
        case (.set(let element), .addWinsSet): .set(of: element)
        case (.records(let shape), _) where shape.key.count == 1: .records(shape)
        default: .register
        }
    }
}

/// The smallest part of a user document that is written on its own: a setting's value, whether a set has an element or
/// a list a record, a field of a record.
struct UserPlace: Hashable, Sendable {
    let key: String
    /// The element, or the record's key.
    var member: JSONValue?
    var field: String?

    /// Whether it says that something is there, and not what.
    var isPresence: Bool { member != nil && field == nil }
}

extension UserPlace: Comparable {
    static func < (left: UserPlace, right: UserPlace) -> Bool { left.sortKey.precedesInBytes(right.sortKey) }

    private var sortKey: String { "\(key)\u{0}\(member.map(CanonicalWriter.text) ?? "")\u{0}\(field ?? "")" }
}

/// What an edit writes, place by place; nil takes away.
struct UserWrite: Hashable, Sendable {
    let place: UserPlace
    let value: JSONValue?
}
