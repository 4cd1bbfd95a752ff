import SyncCore

/// One terminal, as the policy plane knows it.
public struct Device: Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// Delivered, with a one-time token that nobody has shown yet.
        case provisioned
        case enrolled
        /// Its credential no longer opens anything; it may enrol again.
        case revoked
        /// Gone for good.
        case retired
    }

    public let id: DeviceID
    public internal(set) var state: State
    public internal(set) var unit: OrgPath
    public internal(set) var tags: Set<Tag>
    public internal(set) var facts: Facts
    public internal(set) var serial: String?
    public internal(set) var model: String?
    /// Position of the entry that enrolled it last; 0 before.
    public internal(set) var enrolment: Seq
    public internal(set) var credentialHash: Digest?
    public internal(set) var cohort: CohortID
    /// Position of the last entry that wrote to its user document; 0 where there was none.
    public internal(set) var userRevision: Seq = 0
    /// Position of the last entry that touched it.
    public internal(set) var revision: Seq
}

/// Devices that are equal in all that decides their policy.
public struct Cohort: Hashable, Sendable {
    public let unit: OrgPath
    public let tags: Set<Tag>
    /// Only facts that some selector reads; the others would split cohorts for nothing.
    public let facts: Facts
}

/// A cohort's place in the table; cohorts are interned and never removed.
public struct CohortID: Hashable, Sendable {
    let index: Int32
}
