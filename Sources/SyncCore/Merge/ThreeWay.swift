/// Merges two edits of one value that started from the same base.
///
/// A pure function of the three values, each nil where the value is not set. For every strategy:
/// `merge(b, x, b) = x`, `merge(b, b, y) = y`, `merge(b, x, x) = x`; and `merge(b, x, y) = merge(b, y, x)`. Sets and
/// keyed records take the differences of both sides; for all else two different edits are a conflict.
public struct ThreeWay: Sendable {
    public enum Outcome: Hashable, Sendable {
        case merged(JSONValue?)
        case conflict
    }

    let strategy: Strategy

    public init(_ strategy: Strategy) { self.strategy = strategy }

    /// Whether two different edits may be taken together.
    public var takesDifferences: Bool {
        switch strategy {
        case .union, .intersection, .addWinsSet, .keyedMerge, .keyedLists: true
        default: false
        }
    }

    public func merge(base: JSONValue?, yours: JSONValue?, theirs: JSONValue?) -> Outcome {
        if yours == theirs || yours == base { return .merged(theirs) }
        if theirs == base { return .merged(yours) }
        // One side removed what the other one edited.
        guard let yours, let theirs else { return .conflict }
        switch strategy {
        case .union, .intersection, .addWinsSet: return mergeSets(base, yours, theirs)
        case .keyedMerge(let key, let fields):
            return merge(base, yours, theirs, key: key) { RecordMerge(key: key, fields: fields).merge($0, $1, $2) }
        case .keyedLists(let lists): return mergeLists(base, yours, theirs, lists)
        default: return .conflict
        }
    }

    /// What both kept, and what either added.
    private func mergeSets(_ base: JSONValue?, _ yours: JSONValue, _ theirs: JSONValue) -> Outcome {
        guard let mine = yours.array.map(Set.init), let others = theirs.array.map(Set.init) else { return .conflict }
        let old = Set(base?.array ?? [])
        let merged = mine.intersection(others).union(mine.subtracting(old)).union(others.subtracting(old))
        if case .union(let absorbing?) = strategy, merged.contains(.string(absorbing)) {
            return .merged(.array([.string(absorbing)]))
        }
        return .merged(.array(CanonicalSet.sorted(merged)))
    }

    /// Record by record: one that only one side touched is as that side left it.
    private func merge(
        _ base: JSONValue?, _ yours: JSONValue, _ theirs: JSONValue, key: [String],
        both: (JSONValue?, JSONValue?, JSONValue?) -> Outcome
    ) -> Outcome {
        let (old, mine, others) = (
            Self.records(base, key), Self.records(yours, key), Self.records(theirs, key)
        )
        var merged: [JSONValue] = []
        for key in Set(old.keys).union(mine.keys).union(others.keys).sorted() {
            guard case .merged(let record) = both(old[key], mine[key], others[key]) else { return .conflict }
            if let record { merged.append(record) }
        }
        return .merged(.array(merged))
    }

    private static func records(_ value: JSONValue?, _ key: [String]) -> [RecordKey: JSONValue] {
        Dictionary((value?.array ?? []).map { (RecordKey(of: $0, named: key), $0) }) { $1 }
    }

    /// An object of keyed lists: whole records in the lists, whole values beside them.
    private func mergeLists(
        _ base: JSONValue?, _ yours: JSONValue, _ theirs: JSONValue, _ lists: [String: String]
    ) -> Outcome {
        guard let mine = yours.object, let others = theirs.object else { return .conflict }
        let old = base?.object ?? [:]
        let whole = ThreeWay(.priority(group: nil))
        var merged: [String: JSONValue] = [:]
        for name in Set(old.keys).union(mine.keys).union(others.keys) {
            var outcome = whole.merge(base: old[name], yours: mine[name], theirs: others[name])
            if case .conflict = outcome, let key = lists[name], let mine = mine[name], let others = others[name] {
                outcome = merge(old[name], mine, others, key: [key]) { whole.merge(base: $0, yours: $1, theirs: $2) }
            }
            guard case .merged(let value) = outcome else { return .conflict }
            merged[name] = value
        }
        return .merged(.object(merged))
    }
}

/// Merges two edits of one keyed record, field by field.
private struct RecordMerge {
    let key: [String]
    let fields: [String: Strategy.Field]

    func merge(_ base: JSONValue?, _ yours: JSONValue?, _ theirs: JSONValue?) -> ThreeWay.Outcome {
        merge(base, yours, theirs, at: "")
    }

    private func merge(
        _ base: JSONValue?, _ yours: JSONValue?, _ theirs: JSONValue?, at path: String
    ) -> ThreeWay.Outcome {
        let strategy = fields[path]?.strategy ?? .priority(group: nil)
        let outcome = ThreeWay(strategy).merge(base: base, yours: yours, theirs: theirs)
        guard case .conflict = outcome, path.isEmpty || isBranch(path), let mine = yours?.object,
            let others = theirs?.object
        else { return outcome }
        let old = base?.object ?? [:]
        var merged: [String: JSONValue] = [:]
        for name in Set(old.keys).union(mine.keys).union(others.keys) {
            let inner = path.isEmpty ? name : "\(path).\(name)"
            guard case .merged(let value) = merge(old[name], mine[name], others[name], at: inner) else {
                return .conflict
            }
            merged[name] = value
        }
        return .merged(.object(merged))
    }

    private func isBranch(_ path: String) -> Bool { fields.keys.contains { $0.hasPrefix(path + ".") } }
}
