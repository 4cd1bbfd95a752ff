import SyncCore

/// A change set in the making: the changes so far, and the World they would make.
///
/// A value: a refused draft is dropped and nothing remains of it. Each edit sees what those before it did.
struct Draft: Sendable {
    private(set) var world: World
    private(set) var changes: [Change] = []
    /// For each change, the entry on the same key that it replaces; 0 for none.
    private var bases: [Seq] = []
    /// What reading the policies changed, for the author to know.
    var notes: [String] = []
    let author: String
    /// Milliseconds since 1970.
    let now: Int64
    private let before: Seq

    init(world: World, author: String, now: Int64) {
        self.world = world
        self.author = author
        self.now = now
        before = world.seq
    }

    /// The position that the next change will have: what a new thing is named by.
    var nextSeq: Seq { before + Seq(changes.count) + 1 }

    mutating func add(_ change: Change) {
        bases.append(world.base(of: change))
        world.apply(change, seq: nextSeq, author: author)
        changes.append(change)
    }

    /// The draft as a transaction of the log.
    func transaction(_ header: Transaction.Header, salt: () -> [UInt8]) -> Transaction {
        let first = before + 1
        let entries = changes.enumerated().map { index, change -> Entry in
            let line = change.line
            let seq = first + Seq(index)
            let isPersonal = change.settingKey.flatMap { world.catalog.settings[$0]?.isPersonal } ?? false
            let salt = isPersonal ? salt() : nil
            let leaf = Leaf.hash(
                epoch: world.epoch, firstSeq: first, header: header, seq: seq, change: line, base: bases[index],
                outcome: Entry.applied, salt: salt)
            return Entry(
                seq: seq, subject: line.subject, key: line.key, operation: line.operation, value: line.value,
                base: bases[index], outcome: Entry.applied, salt: salt, leaf: leaf)
        }
        return Transaction(firstSeq: first, header: header, entries: entries)
    }
}

extension World {
    /// Position of the last write to what a change writes, where Worlds remember it: the settings of policies.
    fileprivate func base(of change: Change) -> Seq {
        switch change {
        case .settingSet(let id, let key, _, _), .settingRemoved(let id, let key):
            policies[id]?.settings[key]?.writeSeq ?? 0
        default: 0
        }
    }
}
