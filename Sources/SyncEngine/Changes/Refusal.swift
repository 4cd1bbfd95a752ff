import SyncCore

/// Why a change is not made. Definite: nothing of it was done.
public enum Refusal: Error, Hashable, Sendable {
    case denied(Denial)
    case unknownUnit(OrgPath)
    case unitExists(OrgPath)
    case unknownPolicy(PolicyReference)
    case policyRefused(PolicyReference, PolicyProblems)
    case constraintBroken([BrokenConstraint])
    /// Edits against writes that the author had not seen: all of them, in one order.
    case conflicting([Conflict])
    /// A policy bound by what devices report could loosen something.
    case loosensByFacts(PolicyReference, [TightenOnly.Problem])
    /// What merging made is not a policy.
    case mergeRefused(PolicyReference, PolicyProblems)
    /// The author says he saw a position that this log does not have: it was restored, or is another.
    case baseAhead(Seq, head: Seq)
    /// The author's positions are of another incarnation of the log: a backup was restored since he looked.
    case otherEpoch(UInt64, current: UInt64)
    /// What has not happened yet cannot be looked at.
    case momentAhead(Seq, head: Seq)
    /// What was asked for was forgotten: it lies below the position from where on the log is kept.
    case compacted(floor: Seq)
    case noConflict(PolicyReference, String)
    /// Forcing needs to say why.
    case reasonNeeded
    case unknownAssignment(AssignmentID)
    /// An incident ends, and soon enough.
    case incidentTime(Int64, now: Int64)
    case unknownToken(String)
    case tokenExists
    case tokenExpired
    case tokenSpent
    case tokenRevoked
    case unknownDevice(String)
    case notEnrolled(DeviceID, Device.State)
    /// The policy, or the catalog, does not let the device's user have this.
    case userEditRefused(DeviceID, UserEdit, UserRejection)
    /// What was set on the device that is replaced has no room beside what is set on the other.
    case replacementRefused(DeviceID, of: DeviceID, UserRejection)
    case serialMismatch(expected: String)
    /// Another device of the agency has the serial number.
    case serialInUse
    case credentialTaken
    case lotRefused([LotProblem])
    case operatorExists(OperatorName)
    case unknownOperator(OperatorName)
    case lastAdmin
    /// The author used this intent for another request.
    case intentReused(String)
    /// What the operator was shown is not what would happen now.
    case planStale(PlanDrift)
    /// The change set costs more than one may.
    case tooMuchWork(String)
    /// The log moved under the change several times in a row.
    case busy
    /// As much is being worked out as may be.
    case overloaded
    /// The server is going down, or its disk failed.
    case unavailable
    /// There is no room on the server's disk: nothing is written until there is.
    case storeFull
    /// Something that is needed for it is kept and cannot be read.
    case unreadable(String)

    public struct BrokenConstraint: Hashable, Sendable {
        public let setting: String
        public let record: JSONValue
        public let constraint: String
        public let policies: [String]
    }

    public struct LotProblem: Hashable, Sendable {
        /// From 1.
        public let row: Int
        public let field: String
        public let value: String
        public let expected: String
    }
}

/// How far the log went from what a plan was made on.
public struct PlanDrift: Hashable, Sendable {
    public let plannedSeq: Seq
    public let currentSeq: Seq
    /// Entries since the plan that can change what devices resolve to: `seq subject key`.
    public let moved: [String]

    public init(plannedSeq: Seq, currentSeq: Seq, moved: [String]) {
        self.plannedSeq = plannedSeq
        self.currentSeq = currentSeq
        self.moved = moved
    }
}
