import SyncCore

/// A change set in the making: the changes so far, and the World they would make.
///
/// A value: a refused draft is dropped and nothing remains of it. Each edit sees what those before it did.
struct Draft: Sendable {
    private struct Step: Sendable {
        let change: Change
        let stamp: Stamp
    }

    private(set) var world: World
    private var steps: [Step] = []
    /// What reading the policies changed, for the author to know.
    var notes: [String] = []
    /// Edits that lost against writes their author had not seen; in strict mode they refuse the whole draft.
    var conflicts: [Conflict] = []
    /// Policies that others wrote to since the author looked: what is there after it was nobody's body yet.
    var mergedPolicies: Set<PolicyID> = []
    var writtenPolicies: Set<PolicyID> = []
    /// What classes leave to their users, of those that this change set asked for.
    var resolvedBounds: [ClassVersion: UserBounds] = [:]
    /// Units of work that may still be done.
    private var workLeft = Limits.workOfChangeSet
    let author: String
    /// The clock, in milliseconds since 1970: what is over is judged by it.
    let now: Int64
    /// The time of the entries; never before that of those before them.
    private let received: Int64
    let conflictMode: ConflictMode
    /// What policies were when the author saw them.
    let bases: Bases
    /// What the draft began with.
    let beginning: World
    private var before: Seq { beginning.seq }

    init(
        world: World, author: String, now: Int64, received: Int64? = nil, conflictMode: ConflictMode = .strict,
        bases: Bases = Bases(default: 0)
    ) {
        self.world = world
        beginning = world
        self.author = author
        self.now = now
        self.received = received ?? now
        self.conflictMode = conflictMode
        self.bases = bases
    }

    /// Takes units of work from what a change set may cost, about a microsecond each.
    mutating func spend(_ units: Int) throws(Refusal) {
        workLeft -= units
        guard workLeft >= 0 else {
            throw .tooMuchWork(
                "more than \(Limits.workOfChangeSet) steps; expected fewer edits, or of smaller policies")
        }
    }

    var changes: [Change] { steps.map(\.change) }

    /// The position that the next change will have: what a new thing is named by.
    var nextSeq: Seq { before + Seq(steps.count) + 1 }

    /// Whether this draft itself made the write at a position; its author has seen that one.
    func made(_ seq: Seq) -> Bool { seq > before }

    /// - Parameter base: for a policy's setting, the log position that the author had seen.
    mutating func add(_ change: Change, base: Seq = 0, outcome: Entry.Outcome = .applied) {
        let stamp = Stamp(seq: nextSeq, author: author, received: received, base: base, outcome: outcome)
        world.apply(change, stamp)
        steps.append(Step(change: change, stamp: stamp))
    }

    /// Nothing more is added: what costs a step a device is done now, once for all changes.
    mutating func finish() { world.sortDevices() }

    /// The draft as a transaction of the log.
    func transaction(_ header: Transaction.Header, salt: () -> [UInt8]) -> Transaction {
        let first = before + 1
        let entries = steps.map { step -> Entry in
            let line = step.change.line
            let salt = step.change.isPersonal(world.catalog) ? salt() : nil
            let leaf = Leaf.hash(
                epoch: world.epoch, firstSeq: first, header: header, seq: step.stamp.seq, change: line,
                base: step.stamp.base, outcome: step.stamp.outcome, salt: salt)
            return Entry(
                seq: step.stamp.seq, subject: line.subject, key: line.key, operation: line.operation,
                value: line.value, base: step.stamp.base, outcome: step.stamp.outcome, salt: salt, leaf: leaf)
        }
        return Transaction(firstSeq: first, header: header, entries: entries)
    }
}
