/// What an operator may do in the unit he is appointed to, and below it.
public enum Role: String, Hashable, Comparable, Sendable, CaseIterable {
    /// Reads.
    case viewer
    /// Also writes and binds policies, issues enrolment tokens, tags and moves devices.
    case editor
    /// Also makes units and operators, imports lots, revokes and retires devices.
    case admin

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .editor: 1
        case .admin: 2
        }
    }

    public static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }
}

/// One who may act: a name, a role, and the unit it holds for.
public struct Operator: Hashable, Sendable {
    public let name: OperatorName
    public let role: Role
    public let unit: OrgPath
    /// When its token opens nothing any more, in milliseconds since 1970 by the server's clock; nil for never.
    public let expires: Int64?

    public init(name: OperatorName, role: Role, unit: OrgPath, expires: Int64? = nil) {
        self.name = name
        self.role = role
        self.unit = unit
        self.expires = expires
    }
}
