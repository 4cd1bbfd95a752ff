/// One thing that happened, as the log records it: what a World is built from.
public enum Change: Hashable, Sendable {
    case catalogActivated(Digest)
    case unitCreated(OrgPath)
    case policyCreated(PolicyID, PolicyReference)
    case settingSet(PolicyID, key: String, value: JSONValue, isEnforced: Bool)
    case settingRemoved(PolicyID, key: String)
    /// A write that does not count, kept until somebody who has seen it decides; nil for a removal.
    case siblingKept(PolicyID, key: String, SettingValue?)
    case bound(AssignmentID, Assignment)
    case unbound(AssignmentID)
    case tokenIssued(TokenID, EnrolmentToken)
    case tokenRevoked(TokenID)
    case deviceProvisioned(DeviceID, Provision)
    case deviceEnrolled(DeviceID, Enrolment)
    case deviceMoved(DeviceID, OrgPath)
    case deviceTagged(DeviceID, Set<Tag>)
    case deviceFactsChanged(DeviceID, Facts)
    case deviceRevoked(DeviceID)
    case deviceRetired(DeviceID)
    /// An edit of a user document that was not made on the device; `seen` is the number of the device's last edit that
    /// its author had seen.
    case userEdited(DeviceID, UserEdit, seen: UInt64)
    /// A device takes over the user document of another.
    case deviceReplaced(DeviceID, old: DeviceID)
    case operatorAppointed(Operator, tokenHash: Digest)
    case operatorDismissed(OperatorName)

    /// The change in the terms of the log.
    public struct Line: Hashable, Sendable {
        public let subject: String
        public let key: String
        public let operation: Entry.Operation
        public let value: JSONValue?
        /// Whether it is in force, or only kept.
        public let isSibling: Bool

        public init(
            subject: String, key: String, operation: Entry.Operation, value: JSONValue?, isSibling: Bool = false
        ) {
            self.subject = subject
            self.key = key
            self.operation = operation
            self.value = value
            self.isSibling = isSibling
        }
    }
}

/// Binds a policy to a unit, perhaps to some of its devices only, or to one device.
public struct Assignment: Hashable, Sendable {
    public enum Target: Hashable, Sendable {
        case unit(OrgPath)
        case device(DeviceID)
    }

    public let policy: PolicyID
    public let target: Target
    /// Nil reaches every device of the unit; always nil for one device.
    public let selector: Selector?
    /// For an incident (lost mode, a recall): when it ends, in milliseconds since 1970. Nil for everything lasting.
    public let incidentUntil: Int64?

    public init(policy: PolicyID, target: Target, selector: Selector? = nil, incidentUntil: Int64? = nil) {
        self.policy = policy
        self.target = target
        self.selector = selector
        self.incidentUntil = incidentUntil
    }

    /// The layer that follows from what is bound to what.
    ///
    /// `/` 10, agency 20, region 30, deeper unit 40, with a selector 50, one device 60, an incident 100.
    public var layer: (priority: Int, depth: Int) {
        let lasting =
            switch target {
            case .device: (priority: 60, depth: OrgPath.maximumDepth + 1)
            case .unit(let path):
                (priority: selector == nil ? [10, 20, 30][safely: path.depth] ?? 40 : 50, depth: path.depth)
            }
        return incidentUntil == nil ? lasting : (Contributor.incidentPriority, lasting.depth)
    }
}

extension Array {
    fileprivate subscript(safely index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

/// What an enrolment token grants to whoever shows it.
public struct EnrolmentToken: Hashable, Sendable {
    /// SHA-256 of the token; the server never holds the token itself.
    public let hash: Digest
    public let unit: OrgPath
    public let tags: Set<Tag>
    public let uses: Int
    /// Milliseconds since 1970.
    public let expires: Int64
    /// The one device that it enrols; nil where it enrols whoever shows it.
    public let device: DeviceID?

    public init(hash: Digest, unit: OrgPath, tags: Set<Tag>, uses: Int, expires: Int64, device: DeviceID? = nil) {
        self.hash = hash
        self.unit = unit
        self.tags = tags
        self.uses = uses
        self.expires = expires
        self.device = device
    }
}

/// A terminal that was delivered and has not enrolled yet, with its one-time token.
public struct Provision: Hashable, Sendable {
    public let serial: String
    public let model: String
    public let unit: OrgPath
    public let tags: Set<Tag>
    public let tokenHash: Digest
    /// Milliseconds since 1970.
    public let expires: Int64

    public init(serial: String, model: String, unit: OrgPath, tags: Set<Tag>, tokenHash: Digest, expires: Int64) {
        self.serial = serial
        self.model = model
        self.unit = unit
        self.tags = tags
        self.tokenHash = tokenHash
        self.expires = expires
    }
}

/// A terminal's enrolment: where it starts, and the hash of the credential that it made for itself.
public struct Enrolment: Hashable, Sendable {
    public let tokenHash: Digest
    public let credentialHash: Digest
    public let unit: OrgPath
    public let tags: Set<Tag>
    public let serial: String?
    public let facts: Facts

    public init(
        tokenHash: Digest, credentialHash: Digest, unit: OrgPath, tags: Set<Tag>, serial: String?, facts: Facts
    ) {
        self.tokenHash = tokenHash
        self.credentialHash = credentialHash
        self.unit = unit
        self.tags = tags
        self.serial = serial
        self.facts = facts
    }
}
