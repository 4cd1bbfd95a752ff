import SyncCore
import HashTreeCollections

/// All that the log says, at one position: what every answer is made from.
///
/// Invariant: built only by applying changes in order, so two Worlds at one (epoch, seq) are the same. A value; the
/// tables of devices, credentials and cohorts are persistent maps, so that a World with one more entry shares the rest.
public struct World: Sendable {
    public let epoch: UInt64
    public internal(set) var seq: Seq = 0
    public internal(set) var catalog: Catalog
    /// The catalog that the log says is in force; nil before the first.
    public internal(set) var activatedCatalog: Digest?

    var units = UnitTree()
    public internal(set) var policies: TreeDictionary<PolicyID, Policy> = [:]
    var policyIDs: TreeDictionary<PolicyReference, PolicyID> = [:]
    public internal(set) var assignments: TreeDictionary<AssignmentID, Assignment> = [:]
    /// Where each policy is bound.
    var assignmentsOfPolicy: TreeDictionary<PolicyID, TreeSet<AssignmentID>> = [:]
    /// Incidents that have not ended.
    var incidents: TreeSet<AssignmentID> = []
    public internal(set) var operators: [OperatorName: Operator] = [:]
    var operatorTokens: [Digest: OperatorName] = [:]
    /// Names that were ever in use.
    var operatorNames: Set<OperatorName> = []
    /// What opened something once, and never will again: tokens of operators that were replaced or dismissed, and
    /// credentials of enrolments that ended. Enrolment tokens stay where they are.
    var spentTokens: TreeSet<Digest> = []
    var spentCredentials: TreeSet<Digest> = []

    public internal(set) var devices: TreeDictionary<DeviceID, Device> = [:]
    var deviceIndex = DeviceIndex()
    /// The enrolled ones, by what they show: of each the same object as in `devices`.
    var credentials: TreeDictionary<Digest, Device> = [:]
    /// Position of the last entry that changed a device or what a credential opens; of the image, after one was read.
    public internal(set) var devicesSeq: Seq = 0
    var serials: TreeDictionary<SerialNumber, DeviceID> = [:]
    var tokens: TreeDictionary<Digest, Token> = [:]
    var tokenHashes: TreeDictionary<TokenID, Digest> = [:]
    /// The newest token of each device that was given another one than it was delivered with.
    var reissuedTokens: TreeDictionary<DeviceID, TokenID> = [:]
    var deviceAssignments: TreeDictionary<DeviceID, [AssignmentID]> = [:]

    var cohorts = CohortTable()
    /// How many assignments' selectors read a fact; 0 for none.
    var factReaders: [Facts.Name: Int] = [:]
    /// The facts by which devices are sorted into cohorts: those that are read, once `sortDevices` was called.
    var sortedFacts: Set<Facts.Name> = []

    /// Position of the last entry that can change what any device resolves to.
    public internal(set) var policySeq: Seq = 0

    public init(epoch: UInt64, catalog: Catalog) {
        self.epoch = epoch
        self.catalog = catalog
    }

    public func policy(_ reference: PolicyReference) -> Policy? { policyIDs[reference].flatMap { policies[$0] } }

    public func hasUnit(_ path: OrgPath) -> Bool { units.id(of: path) != nil }

    /// Where a unit stands in the tree; stays valid in every later World.
    public func unitID(of path: OrgPath) -> UnitID? { units.id(of: path) }

    public var unitPaths: [OrgPath] { units.nodes.map(\.path) }

    public func `operator`(tokenHash: Digest) -> Operator? { operatorTokens[tokenHash].flatMap { operators[$0] } }

    /// The enrolled device that a credential opens.
    public func device(credentialHash: Digest) -> Device? { credentials[credentialHash] }

    /// The device with a serial number within a unit's agency: what another agency has is its own affair.
    public func device(serial: String, in unit: OrgPath) -> Device? {
        serials[SerialNumber(serial, in: unit)].flatMap { devices[$0] }
    }

    /// Whether a secret's hash is, or ever was, of an operator, a device or an enrolment token.
    func isTaken(_ hash: Digest) -> Bool {
        tokens[hash] != nil || credentials[hash] != nil || operatorTokens[hash] != nil
            || spentTokens.contains(hash) || spentCredentials.contains(hash)
    }

    public func token(hash: Digest) -> Token? { tokens[hash] }

    public func token(_ id: TokenID) -> Token? { tokenHashes[id].flatMap { tokens[$0] } }

    /// The token that enrols one device alone: the newest that it was given; nil where it came with another's.
    public func ownToken(of id: DeviceID) -> Token? { token(reissuedTokens[id] ?? TokenID(seq: id.seq)) }

    /// Tokens that operators issued, in order; not the one-time tokens of delivered terminals.
    public var issuedTokens: [Token] { tokens.values.filter { $0.device == nil }.sorted { $0.id < $1.id } }

    public func cohort(_ id: CohortID) -> Cohort? { cohorts[id]?.cohort }

    /// Cohorts that have devices, with their number.
    public var populatedCohorts: [(id: CohortID, cohort: Cohort, devices: Int)] {
        cohorts.entries.map { ($0.key, $0.value.cohort, $0.value.devices) }
    }

    /// The facts that some assignment's selector reads.
    var readFacts: Set<Facts.Name> { Set(factReaders.keys) }

    /// The assignments of a policy.
    func assignments(of policy: PolicyID) -> [Assignment] {
        (assignmentsOfPolicy[policy] ?? []).compactMap { assignments[$0] }
    }
}
