/// What turns one document into another: what a device that holds the first is sent instead of the whole second.
///
/// Law: applied to the document that it was made from it gives the other one, so that the digest of the result proves
/// both. Lists of records that merge by key change record by record; everything else is set whole.
public struct Delta: Hashable, Sendable {
    /// How one list of keyed records changes.
    public struct Records: Hashable, Sendable {
        /// The members that make a record's key.
        public let key: [String]
        /// Records that are new or another, whole.
        public let put: [JSONValue]
        /// Keys of records that go, each as an object of the key's members.
        public let drop: [JSONValue]

        public init(key: [String], put: [JSONValue], drop: [JSONValue]) {
            self.key = key
            self.put = put
            self.drop = drop
        }
    }

    public let set: [String: JSONValue]
    /// Settings that are not set any more, in order.
    public let unset: [String]
    public let records: [String: Records]

    public init(set: [String: JSONValue], unset: [String], records: [String: Records]) {
        self.set = set
        self.unset = unset
        self.records = records
    }

    /// - Parameter catalog: says which settings are lists of keyed records.
    public init(from old: [String: JSONValue], to new: [String: JSONValue], catalog: Catalog) {
        var set: [String: JSONValue] = [:]
        var records: [String: Records] = [:]
        for (key, value) in new where old[key] != value {
            if case .keyedMerge(let names, _)? = catalog.settings[key]?.strategy,
                let change = Records(from: old[key], to: value, key: names)
            {
                records[key] = change
            } else {
                set[key] = value
            }
        }
        self.init(
            set: set, unset: old.keys.filter { new[$0] == nil }.sorted { $0.precedesInBytes($1) }, records: records)
    }

    /// The document that it makes of another.
    public func applied(to document: [String: JSONValue]) -> [String: JSONValue] {
        var result = document
        for key in unset { result[key] = nil }
        for (key, value) in set { result[key] = value }
        for (key, change) in records { result[key] = change.applied(to: result[key]) }
        return result
    }
}

extension Delta.Records {
    /// Nil where saying it record by record says no less than the whole list.
    fileprivate init?(from old: JSONValue?, to new: JSONValue, key: [String]) {
        guard let before = old?.array, let after = new.array else { return nil }
        let known = Dictionary(before.map { (RecordKey(of: $0, named: key), $0) }) { $1 }
        let kept = Set(after.map { RecordKey(of: $0, named: key) })
        let put = after.filter { known[RecordKey(of: $0, named: key)] != $0 }
        let drop = known.keys.filter { !kept.contains($0) }.sorted()
        guard put.count < after.count else { return nil }
        self.init(
            key: key, put: put,
            drop: drop.map { part in
                .object(
                    Dictionary(uniqueKeysWithValues: zip(key, part.parts).filter { $0.1 != .null }.map { ($0, $1) }))
            })
    }

    fileprivate func applied(to value: JSONValue?) -> JSONValue {
        var records = Dictionary((value?.array ?? []).map { (RecordKey(of: $0, named: key), $0) }) { $1 }
        for gone in drop { records[RecordKey(of: gone, named: key)] = nil }
        for record in put { records[RecordKey(of: record, named: key)] = record }
        return .array(records.sorted { $0.key < $1.key }.map(\.value))
    }
}

extension Delta {
    public var json: JSONValue {
        var members: [String: JSONValue] = [:]
        if !set.isEmpty { members["set"] = .object(set) }
        if !unset.isEmpty { members["unset"] = .array(unset.map(JSONValue.string)) }
        if !records.isEmpty { members["records"] = .object(records.mapValues(\.json)) }
        return .object(members)
    }

    /// Reads what `json` writes; nil for anything else.
    public init?(_ json: JSONValue) {
        guard let members = json.object, let set = (members["set"] ?? .object([:])).object,
            let unset = (members["unset"] ?? .array([])).array?.map(\.string), !unset.contains(nil),
            let records = (members["records"] ?? .object([:])).object?.mapValues({ Records($0) }),
            !records.values.contains(nil)
        else { return nil }
        self.init(set: set, unset: unset.compactMap { $0 }, records: records.compactMapValues { $0 })
    }
}

extension Delta.Records {
    fileprivate var json: JSONValue {
        .object(["key": .array(key.map(JSONValue.string)), "put": .array(put), "drop": .array(drop)])
    }

    fileprivate init?(_ json: JSONValue) {
        guard let key = json["key"]?.array?.compactMap(\.string), !key.isEmpty, let put = json["put"]?.array,
            let drop = json["drop"]?.array
        else { return nil }
        self.init(key: key, put: put, drop: drop)
    }
}
