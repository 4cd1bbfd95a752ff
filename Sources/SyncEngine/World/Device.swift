import SyncCore

/// One terminal, as the policy plane knows it.
///
/// An object, and never changed: every request hands its device on some times, and what is kept of
/// 126,000 of them lies in no cache. Each copy of a struct would touch all its strings and sets.
public final class Device: Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// Delivered, with a one-time token that nobody has shown yet.
        case provisioned
        case enrolled
        /// Its credential no longer opens anything; it may enrol again.
        case revoked
        /// Gone for good.
        case retired
    }

    /// What is known of it.
    struct Fields: Sendable {
        let id: DeviceID
        var state: State
        var unit: OrgPath
        var tags: Set<Tag>
        var facts: Facts
        var serial: String?
        var model: String?
        var enrolment: Seq
        var credentialHash: Digest?
        var cohort: CohortID
        var userRevision: Seq = 0
        var revision: Seq
    }

    let fields: Fields

    init(_ fields: Fields) { self.fields = fields }

    public var id: DeviceID { fields.id }
    public var state: State { fields.state }
    public var unit: OrgPath { fields.unit }
    public var tags: Set<Tag> { fields.tags }
    public var facts: Facts { fields.facts }
    public var serial: String? { fields.serial }
    public var model: String? { fields.model }
    /// Position of the entry that enrolled it last; 0 before.
    public var enrolment: Seq { fields.enrolment }
    public var credentialHash: Digest? { fields.credentialHash }
    public var cohort: CohortID { fields.cohort }
    /// Position of the last entry that wrote to its user document; 0 where there was none.
    public var userRevision: Seq { fields.userRevision }
    /// Position of the last entry that touched it.
    public var revision: Seq { fields.revision }
}

/// Devices that are equal in all that decides their policy.
public struct Cohort: Hashable, Sendable {
    public let unit: OrgPath
    public let tags: Set<Tag>
    /// Only facts that some selector reads; the others would split cohorts for nothing.
    public let facts: Facts
}

/// A cohort's number in the table; it is given once.
public struct CohortID: Hashable, Sendable {
    /// Of devices that are not enrolled.
    static let none = CohortID(index: 0)

    let index: Int64
}
