/// What is different between two values of one setting: which records or elements come and go, which fields change.
public struct ValueDifference: Hashable, Sendable {
    /// One part that is not as it was.
    public struct Part: Hashable, Sendable {
        public enum Kind: String, Hashable, Sendable, CaseIterable { case removed, changed, added }

        /// The list it stands in, of a value that has several.
        public let list: String?
        /// The record's key (several members as an array), or the element; nil for fields of the value itself.
        public let name: JSONValue?
        public let kind: Kind
        /// Fields that differ, in order of path; of what comes, all it says. None of what goes, and of elements.
        public let fields: [Field]
    }

    /// One field of a record that is not as it was; nil where it was, or is, not set.
    public struct Field: Hashable, Sendable {
        /// Dotted, below the record.
        public let path: String
        public let before: JSONValue?
        public let after: JSONValue?
    }

    /// In order of list and name.
    public let parts: [Part]

    /// Nil for a setting whose values have no parts, and where neither value has any.
    public init?(of setting: Setting, from before: JSONValue?, to after: JSONValue?) {
        switch (setting.strategy, setting.type) {
        case (.keyedMerge(let key, _), _): parts = Self.records(nil, before?.array, after?.array, key)
        case (.append(let name?), _): parts = Self.records(nil, before?.array, after?.array, [name])
        case (.keyedLists(let lists), _): parts = Self.lists(before?.object ?? [:], after?.object ?? [:], lists)
        case (.allowDenyList(let rule), _): parts = Self.list(before, after, rule)
        case (_, .set), (_, .list): parts = Self.elements(before?.array ?? [], after?.array ?? [])
        case (_, .record), (_, .opaque):
            guard before?.object ?? after?.object != nil else { return nil }
            parts = Self.whole(Self.fields(before ?? .object([:]), after ?? .object([:]), without: []))
        case (_, .bool), (_, .integer), (_, .integer64), (_, .duration), (_, .timestamp), (_, .string), (_, .name),
            (_, .package), (_, .enumeration), (_, .records), (_, .keyedLists):
            return nil
        }
    }

    /// Records and elements that a value has: what comparing it costs.
    public static func size(of value: JSONValue?) -> Int { value?.array?.count ?? value?.object?.count ?? 0 }

    private static func records(
        _ list: String?, _ before: [JSONValue]?, _ after: [JSONValue]?, _ key: [String]
    ) -> [Part] {
        func byKey(_ records: [JSONValue]?) -> [RecordKey: JSONValue] {
            Dictionary((records ?? []).map { (RecordKey(of: $0, named: key), $0) }) { $1 }
        }
        let (old, new) = (byKey(before), byKey(after))
        return Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted().map { recordKey in
            guard let record = new[recordKey] else {
                return Part(list: list, name: recordKey.value(), kind: .removed, fields: [])
            }
            return Part(
                list: list, name: recordKey.value(), kind: old[recordKey] == nil ? .added : .changed,
                fields: fields(old[recordKey] ?? .object([:]), record, without: key))
        }
    }

    private static func lists(
        _ before: [String: JSONValue], _ after: [String: JSONValue], _ lists: [String: String]
    ) -> [Part] {
        let inside = lists.sorted { $0.key < $1.key }.flatMap { list, key in
            records(list, before[list]?.array, after[list]?.array, [key])
        }
        let names = Array(lists.keys)
        return whole(fields(.object(before), .object(after), without: names)) + inside
    }

    private static func list(_ before: JSONValue?, _ after: JSONValue?, _ rule: Strategy.AllowDenyRule) -> [Part] {
        func items(_ value: JSONValue?) -> [JSONValue] {
            (value?[rule.listField]?.array ?? []).compactMap { $0[rule.itemKey] }
        }
        let rest = fields(before ?? .object([:]), after ?? .object([:]), without: [rule.listField])
        return whole(rest) + elements(items(before), items(after))
    }

    private static func elements(_ before: [JSONValue], _ after: [JSONValue]) -> [Part] {
        let (old, new) = (Set(before), Set(after))
        return CanonicalSet.sorted(old.symmetricDifference(new)).map { element in
            Part(list: nil, name: element, kind: old.contains(element) ? .removed : .added, fields: [])
        }
    }

    private static func whole(_ fields: [Field]) -> [Part] {
        fields.isEmpty ? [] : [Part(list: nil, name: nil, kind: .changed, fields: fields)]
    }

    /// Leaves that differ, below objects on both sides.
    private static func fields(
        _ before: JSONValue, _ after: JSONValue, without names: [String], below path: String = ""
    ) -> [Field] {
        let (old, new) = (before.object ?? [:], after.object ?? [:])
        return Set(old.keys).union(new.keys).filter { !names.contains($0) }.sorted { $0.precedesInBytes($1) }
            .flatMap { name -> [Field] in
                let (was, becomes) = (old[name], new[name])
                guard was != becomes else { return [] }
                let place = path.isEmpty ? name : "\(path).\(name)"
                if let was, let becomes, was.object != nil, becomes.object != nil {
                    return fields(was, becomes, without: [], below: place)
                }
                return [Field(path: place, before: was, after: becomes)]
            }
    }
}
