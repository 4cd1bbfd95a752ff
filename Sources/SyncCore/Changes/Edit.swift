/// One thing an operator asks for; a change set is a list of them.
public enum Edit: Hashable, Sendable {
    case createUnit(OrgPath)
    /// The policy becomes exactly this; settings it has and the new one lacks are removed.
    case putPolicy(PolicyReference, JSONValue)
    case bind(PolicyReference, BindTarget, Selector?)
    case unbind(AssignmentID)
    case issueToken(EnrolmentToken)
    case revokeToken(TokenID)
    case provision([Provision])
    case tag(DeviceID, add: Set<Tag>, remove: Set<Tag>)
    case move(DeviceID, to: OrgPath)
    case revoke(DeviceID)
    case retire(DeviceID)
    case appoint(Operator, tokenHash: Digest)
    case dismiss(OperatorName)

    public typealias BindTarget = Assignment.Target
}

/// What one author asks for in one go: all of it is done, or none.
public struct ChangeSet: Hashable, Sendable {
    /// The author's name for it: sent again, it is done once.
    public let intent: String
    public let reason: String?
    public let edits: [Edit]
    /// SHA-256 of the request as it came.
    public let request: Digest

    public init(intent: String, reason: String?, edits: [Edit], request: Digest) {
        self.intent = intent
        self.reason = reason
        self.edits = edits
        self.request = request
    }
}
