/// One thing an operator asks for; a change set is a list of them.
public enum Edit: Hashable, Sendable {
    case createUnit(OrgPath)
    /// The policy becomes exactly this, as far as the author had seen what it is: settings that he saw and leaves out
    /// are removed. `base` is the log position he had seen; nil for that of the change set.
    case putPolicy(PolicyReference, JSONValue, base: Seq? = nil)
    /// The policy gets what this says, by an author who has seen of it what they wrote themselves and nothing else: a
    /// setting that they stated before and leave out now is removed, what others wrote stays.
    case applyPolicy(PolicyReference, JSONValue)
    /// Ends the conflicts of a setting that the author has seen: what stands stays, or a sibling takes its place.
    case settle(PolicyReference, key: String, take: Seq?, base: Seq? = nil)
    /// `incidentUntil` makes it an incident, above every other layer, that ends by itself at that time.
    case bind(PolicyReference, BindTarget, Selector?, incidentUntil: Int64? = nil)
    case unbind(AssignmentID)
    case issueToken(EnrolmentToken)
    case revokeToken(TokenID)
    /// A terminal that was delivered, or whose enrolment was revoked, gets a token of its own once more; what it had is
    /// revoked. `hash` is the token's SHA-256, `expires` milliseconds since 1970.
    case reissueToken(DeviceID, hash: Digest, expires: Int64)
    case provision([Provision])
    case tag(DeviceID, add: Set<Tag>, remove: Set<Tag>)
    case move(DeviceID, to: OrgPath)
    case revoke(DeviceID)
    case retire(DeviceID)
    /// `seen` is the number of the device's last edit that the author had seen; nil says none.
    case editUser(DeviceID, UserEdit, seen: UInt64? = nil)
    /// The user document of one device is handed to another.
    case replace(DeviceID, with: DeviceID)
    case appoint(Operator, tokenHash: Digest)
    case dismiss(OperatorName)

    public typealias BindTarget = Assignment.Target
}

/// What one author asks for in one go: all of it is done, or none.
public struct ChangeSet: Hashable, Sendable {
    /// The author's name for it: sent again, it is done once.
    public let intent: String
    public let reason: String?
    public let mode: ConflictMode
    /// The log position that the author had seen, for edits that name none of their own; nil where he says nothing.
    public let base: Seq?
    /// The incarnation of the log that the author's positions are of; nil where he says nothing.
    public let epoch: UInt64?
    public let edits: [Edit]
    /// SHA-256 of the request as it came.
    public let request: Digest

    public init(
        intent: String, reason: String?, mode: ConflictMode = .strict, base: Seq? = nil, epoch: UInt64? = nil,
        edits: [Edit], request: Digest
    ) {
        self.intent = intent
        self.reason = reason
        self.mode = mode
        self.base = base
        self.epoch = epoch
        self.edits = edits
        self.request = request
    }
}
