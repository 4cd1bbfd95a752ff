import SyncCore

/// A change that somebody wants committed.
struct Proposal: Sendable {
    let author: String
    let intent: String
    let reason: String?
    let request: Digest
    var conflictMode = ConflictMode.strict
    /// What policies were when the author saw them.
    var bases = Bases(default: 0)
    /// Devices whose user documents it writes or reads.
    var userDevices: Set<DeviceID> = []
    /// Writes the changes into a draft on the World at the head, or throws a `Refusal`.
    let write: @Sendable (inout Draft) throws(Refusal) -> Void
}
