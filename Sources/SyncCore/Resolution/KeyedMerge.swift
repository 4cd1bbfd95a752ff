/// Merges lists of records: those with equal keys field by field, each field by its own strategy.
struct KeyedMerge {
    let key: [String]
    let fields: [String: Strategy.Field]

    func merge(_ contributions: [Contribution]) -> JSONValue {
        Self.byKey(contributions, key: key) { recordKey, records in
            var merged = FieldTree()
            for (name, part) in zip(key, recordKey.parts) { merged.set(part, at: name) }
            for (path, parts) in leaves(of: records) {
                let strategy = fields[path]?.strategy ?? .priority(group: nil)
                if let value = Resolver.merge(parts, by: strategy).value { merged.set(value, at: path) }
            }
            return merged.value
        }
    }

    /// Per key, the record of the highest authority, taken whole.
    static func wholeRecords(_ contributions: [Contribution], key: String) -> JSONValue {
        byKey(contributions, key: [key]) { _, records in records.highestAuthority()?.value }
    }

    private static func byKey(
        _ contributions: [Contribution], key: [String], merge: (RecordKey, [Contribution]) -> JSONValue?
    ) -> JSONValue {
        .array(records(contributions, key: key).compactMap { merge($0.key, $0.value) })
    }

    /// What is said of each record, in order of key.
    static func records(
        _ contributions: [Contribution], key: [String]
    ) -> [(key: RecordKey, value: [Contribution])] {
        var records: [RecordKey: [Contribution]] = [:]
        for contribution in contributions {
            for record in contribution.value.array ?? [] {
                records[RecordKey(of: record, named: key), default: []].append(contribution.with(value: record))
            }
        }
        return records.sorted { $0.key < $1.key }
    }

    /// Who decided each field of each record.
    func decisions(_ contributions: [Contribution]) -> [PartDecision] {
        Self.records(contributions, key: key).map { recordKey, records in
            var merged = FieldTree()
            for (name, part) in zip(key, recordKey.parts) { merged.set(part, at: name) }
            var decided: [PartDecision.Field] = []
            for (path, parts) in leaves(of: records).sorted(by: { $0.key < $1.key }) {
                let strategy = fields[path]?.strategy ?? .priority(group: nil)
                let outcome = Resolver.merge(parts, by: strategy)
                if let value = outcome.value { merged.set(value, at: path) }
                decided.append(
                    PartDecision.Field(
                        path: path, value: outcome.value, strategy: strategy.name,
                        verdicts: parts.map { .init(contribution: $0, loss: outcome.loss($0)) }))
            }
            // A record that says nothing but its key is there because somebody names it.
            let named = decided.isEmpty ? records.map { ResolvedSetting.Verdict(contribution: $0, loss: nil) } : []
            return PartDecision(
                list: nil, name: recordKey.value(), value: merged.value, verdicts: named, fields: decided)
        }
    }

    /// What each record says, by field path. A nested object is entered only where a field's path leads through it.
    private func leaves(of records: [Contribution]) -> [String: [Contribution]] {
        var leaves: [String: [Contribution]] = [:]
        func enter(_ value: JSONValue, _ path: String, _ record: Contribution) {
            if fields[path] == nil, let members = value.object, !members.isEmpty, isBranch(path) {
                for (name, member) in members { enter(member, path.isEmpty ? name : "\(path).\(name)", record) }
            } else {
                leaves[path, default: []].append(record.with(value: value))
            }
        }
        for record in records {
            for (name, member) in record.value.object ?? [:] where !key.contains(name) { enter(member, name, record) }
        }
        return leaves
    }

    private func isBranch(_ path: String) -> Bool { fields.keys.contains { $0.hasPrefix(path + ".") } }
}

/// An object being put together from dotted paths.
private struct FieldTree {
    private var leaf: JSONValue?
    private var branches: [String: FieldTree] = [:]

    mutating func set(_ value: JSONValue, at path: String) { set(value, at: path.split(separator: ".")[...]) }

    private mutating func set(_ value: JSONValue, at path: ArraySlice<Substring>) {
        guard let first = path.first else {
            leaf = value
            return
        }
        branches[String(first), default: FieldTree()].set(value, at: path.dropFirst())
    }

    /// Fields below win over a bare leaf: an empty object beside `{"a": 1}` adds nothing.
    var value: JSONValue {
        branches.isEmpty ? leaf ?? .object([:]) : .object(branches.mapValues(\.value))
    }
}
