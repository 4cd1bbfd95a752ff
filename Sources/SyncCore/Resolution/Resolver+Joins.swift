extension Resolver {
    /// Merges contributions to one setting, or to one field of a record, by a strategy that needs no other setting.
    ///
    /// - Precondition: `contributions` is not empty.
    static func merge(_ contributions: [Contribution], by strategy: Strategy) -> Outcome {
        let values = contributions.map(\.value)
        switch strategy {
        case .trueWins: return .chosen(.bool(values.contains(.bool(true))))
        case .falseWins: return .chosen(.bool(!values.contains(.bool(false))))
        case .minimum(let ignored): return .chosen(extreme(values, ignoring: ignored) { $0 < $1 })
        case .maximum(let ignored): return .chosen(extreme(values, ignoring: ignored) { $0 > $1 })
        case .enumOrder(let order): return .chosen(mostRestrictive(values, order))
        case .union(let absorbing): return .merged(union(values, absorbing))
        case .addWinsSet: return .merged(union(values, nil))
        case .intersection: return .merged(intersection(values))
        case .keyedMerge(let key, let fields):
            return .merged(KeyedMerge(key: key, fields: fields).merge(contributions))
        case .keyedLists(let lists): return .merged(mergeKeyedLists(contributions, lists))
        case .append(let uniqueBy): return .merged(append(contributions, uniqueBy))
        case .allowDenyList(let rule): return .merged(rule.merge(values))
        case .priority, .follow: return .authority(contributions)
        case .lastWriter: return .latest(contributions)
        }
    }

    /// What a value resolves to when nobody else sets the setting: its normal form under the strategy.
    static func alone(_ value: JSONValue, by strategy: Strategy) -> JSONValue { stricter(value, value, by: strategy) }

    /// The stricter of two values, where a strategy can tell; else the second.
    static func stricter(_ first: JSONValue, _ second: JSONValue, by strategy: Strategy) -> JSONValue {
        let contributor = Contributor(name: "", priority: 0)
        let contributions = Set(
            [first, second].map { Contribution(contributor: contributor, value: $0, seq: $0 == second ? 1 : 0) })
        return merge(Array(contributions), by: strategy).value ?? second
    }

    /// The value that comes first, not counting ignored ones; if all are ignored, the first of them.
    private static func extreme(
        _ values: [JSONValue], ignoring ignored: [JSONValue], by precedes: (Quantity, Quantity) -> Bool
    ) -> JSONValue {
        let counted = values.filter { value in !ignored.contains { Quantity($0) == Quantity(value) } }
        let candidates = counted.isEmpty ? values : counted
        return candidates.min { precedes(Quantity($0), Quantity($1)) } ?? .null
    }

    private static func mostRestrictive(_ values: [JSONValue], _ order: [String]) -> JSONValue {
        if let first = order.first(where: { values.contains(.string($0)) }) { return .string(first) }
        // Names outside the order restrict least; among themselves their bytes decide, so that no arrival order shows.
        return CanonicalSet.sorted(values).first ?? .null
    }

    private static func union(_ values: [JSONValue], _ absorbing: String?) -> JSONValue {
        let all = Set(values.flatMap { $0.array ?? [] })
        if let absorbing, all.contains(.string(absorbing)) { return .array([.string(absorbing)]) }
        return .array(CanonicalSet.sorted(all))
    }

    private static func intersection(_ values: [JSONValue]) -> JSONValue {
        let sets = values.map { Set($0.array ?? []) }
        let common = sets.dropFirst().reduce(sets.first ?? []) { $0.intersection($1) }
        return .array(CanonicalSet.sorted(common))
    }

    private static func append(_ contributions: [Contribution], _ uniqueBy: String?) -> JSONValue {
        var seen: Set<JSONValue> = []
        let ordered = contributions.sorted { $1.isListedBefore($0) }
        let records = ordered.flatMap { $0.value.array ?? [] }.filter { record in
            guard let uniqueBy, let identity = record[uniqueBy] else { return true }
            return seen.insert(identity).inserted
        }
        return .array(records)
    }

    /// Per list and key, the record of the highest authority, whole; likewise every other member.
    private static func mergeKeyedLists(_ contributions: [Contribution], _ lists: [String: String]) -> JSONValue {
        var merged: [String: JSONValue] = [:]
        let names = Set(contributions.flatMap { $0.value.object?.keys.map { $0 } ?? [] })
        for name in names {
            let parts = contributions.compactMap { whole in whole.value[name].map { whole.with(value: $0) } }
            if let key = lists[name] {
                merged[name] = KeyedMerge.wholeRecords(parts, key: key)
            } else {
                merged[name] = parts.highestAuthority()?.value
            }
        }
        return .object(merged)
    }
}
