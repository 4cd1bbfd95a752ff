import SyncCore

/// One policy edited by several authors, as a list of everything that was ever written; each question walks the list.
struct NaivePolicy {
    struct Write {
        let seq: Seq
        let key: String
        let value: SettingValue?
        let base: Seq
        let outcome: Entry.Outcome
    }

    let catalog: Catalog
    private(set) var writes: [Write] = []
    /// Position of the entry that made the policy.
    private var created: Seq?

    init(catalog: Catalog) { self.catalog = catalog }

    func value(of key: String, at seq: Seq = .max) -> SettingValue? {
        writes.last { $0.key == key && $0.seq <= seq && $0.outcome != .sibling }?.value
    }

    func values(at seq: Seq = .max) -> [String: SettingValue] {
        var values: [String: SettingValue] = [:]
        for key in Set(writes.map(\.key)) { values[key] = value(of: key, at: seq) }
        return values
    }

    /// Positions of the writes that nobody who saw them has decided on.
    func siblings(of key: String) -> [Seq] {
        var open: [Seq] = []
        var standing: Seq?
        for write in writes where write.key == key {
            if write.outcome == .sibling {
                open.append(write.seq)
            } else {
                open.removeAll { $0 <= write.base }
                if write.outcome == .forced, let standing { open.append(standing) }
                standing = write.seq
            }
            open = Array(open.sorted().suffix(8))
        }
        return open
    }

    /// The last write that counts, if it was not seen; else the last sibling.
    func lastUnseen(of key: String, base: Seq) -> Write? {
        let standing = writes.last { $0.key == key && $0.outcome != .sibling }
        if let standing, standing.seq > base { return standing }
        let open = siblings(of: key)
        return writes.last { $0.key == key && $0.outcome == .sibling && open.contains($0.seq) }
    }

    /// Whether nobody can tell any more what an author saw of a setting: it was written since, and his position is below
    /// the floor. A policy that was not there said nothing, whatever is forgotten.
    func isForgotten(_ key: String, base: Seq, floor: Seq) -> Bool {
        guard let created, created <= base, base < floor else { return false }
        return writes.contains { $0.key == key && $0.seq > base && $0.outcome != .sibling }
    }

    /// What a put does, key by key; or the keys that conflict, where that refuses it.
    mutating func put(_ wanted: [String: SettingValue], base: Seq, mode: ConflictMode, head: Seq, floor: Seq)
        -> [String]
    {
        var next = head
        var made: [Write] = []
        var conflicts: [String] = []
        let seen = values(at: base)
        let forgotten = Set(writes.map(\.key).filter { isForgotten($0, base: base, floor: floor) })
        for key in forgotten.union(wanted.keys).union(seen.keys).sorted(by: { $0.precedesInBytes($1) }) {
            let (yours, before, theirs) = (wanted[key], seen[key], value(of: key))
            if yours == theirs || yours == before && !forgotten.contains(key) { continue }
            func write(_ value: SettingValue?, _ outcome: Entry.Outcome) {
                next += 1
                made.append(Write(seq: next, key: key, value: value, base: base, outcome: outcome))
            }
            if !writes.contains(where: { $0.key == key && $0.seq > base }) {
                write(yours, .applied)
            } else if !forgotten.contains(key), let both = merged(key, yours, before, theirs) {
                if both != theirs { write(both, .merged) }
            } else {
                conflicts.append(key)
                switch mode {
                case .strict: break
                case .merge: write(yours, .sibling)
                case .force: write(yours, .forced)
                }
            }
        }
        if mode == .strict, !conflicts.isEmpty { return conflicts }
        created = created ?? head
        writes += made
        return []
    }

    /// Ends a conflict; false where its author had not seen the last write.
    mutating func settle(_ key: String, take: Seq?, base: Seq, head: Seq) -> Bool {
        guard !writes.contains(where: { $0.key == key && $0.seq > base }) else { return false }
        let taken = take.map { seq in writes.first { $0.seq == seq && $0.key == key }?.value } ?? value(of: key)
        writes.append(Write(seq: head + 1, key: key, value: taken, base: base, outcome: .applied))
        return true
    }

    private func merged(
        _ key: String, _ yours: SettingValue?, _ seen: SettingValue?, _ theirs: SettingValue?
    ) -> SettingValue? {
        guard let yours, let theirs, let strategy = catalog.settings[key]?.strategy,
            ThreeWay(strategy).takesDifferences,
            case .merged(let value?) = ThreeWay(strategy).merge(
                base: seen?.value, yours: yours.value, theirs: theirs.value)
        else { return nil }
        let before = seen?.isEnforced ?? false
        return SettingValue(value, isEnforced: yours.isEnforced != before ? yours.isEnforced : theirs.isEnforced)
    }
}
