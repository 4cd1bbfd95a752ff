extension CatalogReader {
    /// The strategy that a `resolution` object, or a nested field, names.
    func strategy(_ rule: JSONValue, type: JSONValue) throws(CatalogError) -> Strategy {
        guard let name = rule["strategy"]?.string else { throw fault("names no strategy") }
        switch name {
        case "true-wins": return .trueWins
        case "false-wins": return .falseWins
        case "min": return .minimum(ignoring: rule["ignore"]?.array ?? [])
        case "max": return .maximum(ignoring: rule["ignore"]?.array ?? [])
        case "enum-order": return .enumOrder(try strings("order", in: rule))
        case "set-union": return .union(absorbing: rule["absorbing"]?.string)
        case "set-intersection": return .intersection
        case "add-wins-set": return .addWinsSet
        case "keyed-merge": return .keyedMerge(key: try recordKey(rule), fields: try fields(rule))
        case "priority": return .priority(group: rule["group"]?.string)
        case "follow": return .follow(of: try string("of", in: rule))
        case "last-writer": return .lastWriter
        case "append": return .append(uniqueBy: rule["unique_by"]?.string)
        case "allow-deny-list":
            return .allowDenyList(
                Strategy.AllowDenyRule(
                    typeField: try string("type_field", in: rule),
                    listField: try string("list_field", in: rule),
                    itemKey: try string("item_key", in: rule),
                    allow: try string("allow", in: rule),
                    deny: try string("deny", in: rule)))
        case "keyed-merge-lists": return .keyedLists(try keyedLists(rule))
        default: throw fault("has an unknown strategy \(name)")
        }
    }

    /// The type that `json` names, or what its strategy implies where it names none.
    func valueType(_ json: JSONValue, strategy: Strategy) throws(CatalogError) -> ValueType {
        switch strategy {
        case .keyedMerge(let key, let fields):
            let aliases = (json["resolution"] ?? json)["key_aliases"]?.object ?? [:]
            return .records(
                ValueType.RecordShape(
                    key: key,
                    keyTypes: try keyTypes(key, in: json["resolution"] ?? json),
                    keyAliases: aliases.compactMapValues(\.string),
                    fields: fields.mapValues(\.type),
                    maximumCount: maximumCount(json)))
        case .allowDenyList(let rule):
            let items = ValueType.RecordShape(
                key: [rule.itemKey], keyTypes: [.string], keyAliases: [:], fields: [:],
                maximumCount: Limits.listElements)
            return .record(members: [
                rule.typeField: .enumeration(ValueType.Enumeration(values: [rule.allow, rule.deny])),
                rule.listField: .records(items),
            ])
        case .keyedLists(let lists): return .keyedLists(lists)
        default: break
        }
        guard let name = json["type"]?.string else { return try impliedType(strategy) }
        return try namedType(name, json, strategy)
    }

    private func namedType(_ name: String, _ json: JSONValue, _ strategy: Strategy) throws(CatalogError) -> ValueType {
        switch name {
        case "bool": return .bool
        case "int": return .integer
        case "int64", "int64-ms": return .integer64
        case "duration": return .duration
        case "timestamp": return .timestamp
        case "string": return .string
        case "enum": return .enumeration(try enumeration(json, strategy))
        case "package": return .package
        case "set<string>": return .set(of: .name)
        case "set<package>": return .set(of: .package)
        case "set<enum>": return .set(of: .enumeration(try enumeration(json, strategy)))
        case "list<string>": return .list(of: .string, maximumCount: maximumCount(json))
        case "list<record>": return .list(of: .record(members: try members(json)), maximumCount: maximumCount(json))
        case "record": return .record(members: try members(json))
        case "opaque", "records": return .opaque
        default: throw fault("has an unknown type \(name)")
        }
    }

    private func impliedType(_ strategy: Strategy) throws(CatalogError) -> ValueType {
        switch strategy {
        case .trueWins, .falseWins: .bool
        case .minimum(let ignored), .maximum(let ignored): ignored.contains { $0.string != nil } ? .duration : .integer
        case .enumOrder(let order): .enumeration(ValueType.Enumeration(values: order))
        case .union, .intersection, .addWinsSet: .set(of: .name)
        default: .opaque
        }
    }

    private func enumeration(_ json: JSONValue, _ strategy: Strategy) throws(CatalogError) -> ValueType.Enumeration {
        var values = try strings("values", in: json)
        if values.isEmpty, case .enumOrder(let order) = strategy { values = order }
        return ValueType.Enumeration(
            values: values, aliases: (json["aliases"]?.object ?? [:]).compactMapValues(\.string))
    }

    private func members(_ json: JSONValue) throws(CatalogError) -> [String: ValueType]? {
        guard let members = json["members"]?.object else { return nil }
        var types: [String: ValueType] = [:]
        for (name, member) in members {
            types[name] = try valueType(member, strategy: .priority(group: nil))
        }
        return types
    }

    private func fields(_ rule: JSONValue) throws(CatalogError) -> [String: Strategy.Field] {
        var fields: [String: Strategy.Field] = [:]
        for (name, field) in rule["fields"]?.object ?? [:] {
            let strategy = try strategy(field, type: field)
            if case .follow = strategy { throw fault("has a field \(name) that follows: only a setting can") }
            fields[name] = Strategy.Field(type: try valueType(field, strategy: strategy), strategy: strategy)
        }
        return fields
    }

    private func recordKey(_ rule: JSONValue) throws(CatalogError) -> [String] {
        if let name = rule["key"]?.string { return [name] }
        let names = try strings("key", in: rule)
        guard !names.isEmpty else { throw fault("merges by key and names none") }
        return names
    }

    private func maximumCount(_ json: JSONValue) -> Int {
        Int(json["limits"]?["max_records"]?.integer ?? Int64(Limits.listElements))
    }

    private func keyTypes(_ key: [String], in rule: JSONValue) throws(CatalogError) -> [ValueType] {
        var types: [ValueType] = []
        for name in key {
            if let type = rule["key_types"]?[name] {
                types.append(try valueType(type, strategy: .priority(group: nil)))
            } else {
                types.append(key.count == 1 ? .name : .opaque)
            }
        }
        return types
    }

    private func keyedLists(_ rule: JSONValue) throws(CatalogError) -> [String: String] {
        guard let lists = rule["lists"]?.object, !lists.isEmpty else { throw fault("merges lists and names none") }
        var keys: [String: String] = [:]
        for (name, list) in lists { keys[name] = try string("key", in: list) }
        return keys
    }

    func member(_ name: String) throws(CatalogError) -> JSONValue {
        guard let value = json[name] else { throw fault("has no \(name)") }
        return value
    }

    private func string(_ name: String, in json: JSONValue) throws(CatalogError) -> String {
        guard let text = json[name]?.string else { throw fault("has no \(name), expected a string") }
        return text
    }

    /// The array of strings under a name; empty when absent.
    func strings(_ name: String, in json: JSONValue) throws(CatalogError) -> [String] {
        guard let value = json[name] else { return [] }
        guard let list = value.array, case let texts = list.compactMap(\.string), texts.count == list.count else {
            throw fault("has a \(name) that is not an array of strings")
        }
        return texts
    }

    func fault(_ problem: String) -> CatalogError { CatalogError(key: key, problem: problem) }
}
