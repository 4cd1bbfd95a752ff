import SyncCore

/// The strategies once more, each as its sentence in the catalog says it.
enum PlainMerge {
    typealias Voice = PlainResolver.Voice

    static func merge(_ voices: [Voice], _ strategy: Strategy) -> JSONValue {
        let values = voices.map(\.value)
        switch strategy {
        case .trueWins: return .bool(values.contains { $0 == .bool(true) })
        case .falseWins: return .bool(values.allSatisfy { $0 == .bool(true) })
        case .minimum(let ignored): return pick(values, ignored) { $0 < $1 }
        case .maximum(let ignored): return pick(values, ignored) { $0 > $1 }
        case .enumOrder(let order):
            for name in order where values.contains(.string(name)) { return .string(name) }
            return sorted(values)[0]
        case .union(let absorbing):
            let all = values.flatMap { $0.array ?? [] }
            if let absorbing, all.contains(.string(absorbing)) { return .array([.string(absorbing)]) }
            return .array(sorted(all))
        case .addWinsSet: return .array(sorted(values.flatMap { $0.array ?? [] }))
        case .intersection:
            let lists = values.map { $0.array ?? [] }
            return .array(sorted(lists[0].filter { element in lists.allSatisfy { $0.contains(element) } }))
        case .keyedMerge(let key, let fields): return .array(records(voices, key, fields))
        case .priority, .follow: return strongest(voices)?.value ?? .null
        case .lastWriter:
            if voices.contains(where: \.isEnforced) { return strongest(voices)?.value ?? .null }
            return voices.max { $0.order < $1.order }?.value ?? .null
        case .append(let unique): return .array(appended(voices, unique))
        case .allowDenyList(let rule): return ssidList(values, rule)
        case .keyedLists(let lists): return keyedLists(voices, lists)
        }
    }

    /// Enforced incident, then enforced from general to specific, then the rest from specific to general; then the later.
    static func strongest(_ voices: [Voice]) -> Voice? {
        let incidents = voices.filter { $0.isEnforced && $0.rank.priority >= 100 }
        if !incidents.isEmpty { return general(incidents) }
        let enforced = voices.filter(\.isEnforced)
        if !enforced.isEmpty { return general(enforced) }
        guard let top = voices.map(\.rank).max() else { return nil }
        return voices.filter { $0.rank == top }.max { $0.order < $1.order }
    }

    private static func general(_ voices: [Voice]) -> Voice? {
        let lowest = voices.map(\.rank).min()
        return voices.filter { $0.rank == lowest }.max { $0.order < $1.order }
    }

    private static func pick(
        _ values: [JSONValue], _ ignored: [JSONValue], _ precedes: (Amount, Amount) -> Bool
    ) -> JSONValue {
        let counted = values.filter { value in !ignored.contains { Amount($0) == Amount(value) } }
        let list = counted.isEmpty ? values : counted
        return list.sorted { precedes(Amount($0), Amount($1)) }[0]
    }

    private static func records(_ voices: [Voice], _ key: [String], _ fields: [String: Strategy.Field]) -> [JSONValue] {
        var groups: [[JSONValue]: [Voice]] = [:]
        for voice in voices {
            for record in voice.value.array ?? [] {
                groups[key.map { record[$0] ?? .null }, default: []].append(voice.saying(record))
            }
        }
        let ordered = groups.sorted { sortKey($0.key).lexicographicallyPrecedes(sortKey($1.key)) }
        return ordered.map { parts, records in
            var merged: [String: JSONValue] = [:]
            for (name, part) in zip(key, parts) { merged[name] = part }
            let names = Set(records.flatMap { $0.value.object?.keys.map { $0 } ?? [] }).subtracting(key)
            for name in names {
                let said = records.compactMap { record in record.value[name].map(record.saying) }
                merged[name] = field(name, said, fields)
            }
            return .object(merged)
        }
    }

    /// One field, or the object that dotted fields lead into.
    private static func field(_ path: String, _ voices: [Voice], _ fields: [String: Strategy.Field]) -> JSONValue {
        if let known = fields[path] { return merge(voices, known.strategy) }
        guard fields.keys.contains(where: { $0.hasPrefix(path + ".") }) else {
            return strongest(voices)?.value ?? .null
        }
        var members: [String: JSONValue] = [:]
        for name in Set(voices.flatMap { $0.value.object?.keys.map { $0 } ?? [] }) {
            let said = voices.compactMap { voice in voice.value[name].map(voice.saying) }
            members[name] = field("\(path).\(name)", said, fields)
        }
        return .object(members)
    }

    private static func appended(_ voices: [Voice], _ unique: String?) -> [JSONValue] {
        var result: [JSONValue] = []
        for voice in voices.sorted(by: { ($1.rank, $1.order) < ($0.rank, $0.order) }) {
            for record in voice.value.array ?? [] {
                let identity = unique.flatMap { record[$0] }
                let isKnown = identity != nil && result.contains { $0[unique ?? ""] == identity }
                if !isKnown { result.append(record) }
            }
        }
        return result
    }

    private static func ssidList(_ values: [JSONValue], _ rule: Strategy.AllowDenyRule) -> JSONValue {
        func items(_ value: JSONValue) -> [JSONValue] {
            (value[rule.listField]?.array ?? []).compactMap { $0[rule.itemKey] }
        }
        let allowing = values.filter { $0[rule.typeField] == .string(rule.allow) }
        let denied = values.filter { $0[rule.typeField] != .string(rule.allow) }.flatMap(items)
        let common = allowing.first.map(items)?.filter { item in allowing.allSatisfy { items($0).contains(item) } }
        let list = common?.filter { !denied.contains($0) } ?? denied
        return .object([
            rule.typeField: .string(common == nil ? rule.deny : rule.allow),
            rule.listField: .array(sorted(list).map { .object([rule.itemKey: $0]) }),
        ])
    }

    private static func keyedLists(_ voices: [Voice], _ lists: [String: String]) -> JSONValue {
        var merged: [String: JSONValue] = [:]
        for name in Set(voices.flatMap { $0.value.object?.keys.map { $0 } ?? [] }) {
            let said = voices.compactMap { voice in voice.value[name].map(voice.saying) }
            guard let key = lists[name] else {
                merged[name] = strongest(said)?.value
                continue
            }
            var groups: [JSONValue: [Voice]] = [:]
            for voice in said {
                for record in voice.value.array ?? [] {
                    groups[record[key] ?? .null, default: []].append(voice.saying(record))
                }
            }
            let ordered = groups.sorted { sortKey([$0.key]).lexicographicallyPrecedes(sortKey([$1.key])) }
            merged[name] = .array(ordered.compactMap { strongest($0.value)?.value })
        }
        return .object(merged)
    }

    private static func sorted(_ values: [JSONValue]) -> [JSONValue] {
        Array(Set(values)).sorted { sortKey([$0]).lexicographicallyPrecedes(sortKey([$1])) }
    }

    private static func sortKey(_ parts: [JSONValue]) -> [UInt8] {
        parts.flatMap { part in (part.string.map { Array($0.utf8) } ?? CanonicalWriter.bytes(of: part)) + [0] }
    }
}

extension PlainResolver.Voice {
    fileprivate func saying(_ value: JSONValue) -> PlainResolver.Voice {
        PlainResolver.Voice(value: value, layer: layer, rank: rank, order: order, isEnforced: isEnforced)
    }
}

/// A number, or a duration in nanoseconds.
private struct Amount: Comparable {
    private let whole: Int64
    private let part: Int64

    init(_ value: JSONValue) {
        let duration = value.string.flatMap { Seconds($0) }
        whole = value.integer ?? duration?.whole ?? 0
        part = duration?.nanoseconds ?? 0
    }

    static func < (left: Amount, right: Amount) -> Bool { (left.whole, left.part) < (right.whole, right.part) }
}
