import SyncCore
import SyncStore

/// A change that somebody wants committed, and what to do with the outcome.
struct Proposal: Sendable {
    let author: String
    let intent: String
    let reason: String?
    let request: Digest
    var conflictMode = ConflictMode.strict
    /// What policies were when the author saw them.
    var bases = Bases(default: 0)
    /// Writes the changes into a draft on the World at the head, or throws a `Refusal`.
    let write: @Sendable (inout Draft) throws(Refusal) -> Void
}

/// What became of an accepted change.
public struct Receipt: Sendable {
    public let transaction: Transaction
    /// The log had it already: nothing was done now.
    public let isReplay: Bool
    public let notes: [String]

    public var changedAnything: Bool { !transaction.entries.isEmpty }
}

/// Something for the writer to do in its next transaction.
enum Work: Sendable {
    case change(Proposal, @Sendable (Result<Receipt, Refusal>) -> Void)
    case device(DeviceWork)
    case seen([(device: DeviceID, at: Int64)])
    case compact(CompactionWork)

    /// The beginning of the log is forgotten, if it still begins where it did; done with whether it did.
    struct CompactionWork: Sendable {
        let before: Floor?
        let floor: Floor
        let pieces: [[UInt8]]
        let done: @Sendable (Result<Bool, Refusal>) -> Void
    }
}
