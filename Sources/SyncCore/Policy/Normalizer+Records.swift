extension Normalizer {
    /// Records in normal form: keys present and distinct, known fields only, sorted by key.
    mutating func records(_ value: JSONValue, _ shape: ValueType.RecordShape, _ path: String) -> JSONValue? {
        guard let elements = value.array else {
            return fail(.wrongType, path, value, ValueType.records(shape).description)
        }
        guard elements.count <= shape.maximumCount else {
            return fail(.tooMany, path, .integer(Int64(elements.count)), "at most \(shape.maximumCount) records")
        }
        var normal: [RecordKey: JSONValue] = [:]
        for (index, raw) in elements.enumerated() {
            let place = "\(path)[\(index)]"
            guard let (key, record) = keyedRecord(raw, shape, place) else { continue }
            guard normal.updateValue(record, forKey: key) == nil else {
                report(.duplicateKey, place, key.value(), "one record a \(shape.key.joined(separator: " and "))")
                continue
            }
        }
        return .array(normal.sorted { $0.key < $1.key }.map(\.value))
    }

    private mutating func keyedRecord(
        _ raw: JSONValue, _ shape: ValueType.RecordShape, _ path: String
    ) -> (RecordKey, JSONValue)? {
        guard var members = raw.object else { return fail(.wrongType, path, raw, "an object") }
        var parts: [JSONValue] = []
        for (name, type) in zip(shape.key, shape.keyTypes) {
            let written = members.removeValue(forKey: name)
            let alias = shape.keyAliases[written?.string ?? (written == nil ? "null" : "")]
            guard let stated = alias.map(JSONValue.string) ?? written else {
                return fail(.missingKey, "\(path).\(name)", nil, type.description)
            }
            guard let part = normalize(stated, as: type, at: "\(path).\(name)") else { return nil }
            parts.append(part)
        }
        var record = fields(members, shape, prefix: "", path)
        for (name, part) in zip(shape.key, parts) { record[name] = part }
        return (RecordKey(parts: parts), .object(record))
    }

    /// Normalizes the fields below one object; a dotted field path names a field of a nested object.
    private mutating func fields(
        _ members: [String: JSONValue], _ shape: ValueType.RecordShape, prefix: String, _ path: String
    ) -> [String: JSONValue] {
        var normal: [String: JSONValue] = [:]
        for (name, raw) in members.sorted(by: { $0.key < $1.key }) {
            let field = prefix + name
            let place = "\(path).\(name)"
            if let type = shape.fields[field] {
                normal[name] = normalize(raw, as: type, at: place)
            } else if shape.fields.keys.contains(where: { $0.hasPrefix(field + ".") }) {
                guard let nested = raw.object else {
                    report(.badNesting, place, raw, "an object")
                    continue
                }
                normal[name] = .object(fields(nested, shape, prefix: field + ".", place))
            } else {
                let known = (shape.key + shape.fields.keys.sorted()).joined(separator: ", ")
                report(.unknownSetting, place, raw, "one of \(known)")
            }
        }
        return normal
    }

    /// An object of keyed lists: each list's records sorted by key, everything else kept.
    mutating func keyedLists(_ value: JSONValue, _ lists: [String: String], _ path: String) -> JSONValue? {
        guard var members = value.object else {
            return fail(.wrongType, path, value, ValueType.keyedLists(lists).description)
        }
        for (list, key) in lists {
            guard let raw = members[list] else { continue }
            let place = "\(path).\(list)"
            guard let records = raw.array else {
                return fail(.wrongType, place, raw, "an array of records with \(key)")
            }
            var sorted: [RecordKey: JSONValue] = [:]
            for (index, record) in records.enumerated() {
                guard record[key]?.string != nil else {
                    return fail(.missingKey, "\(place)[\(index)].\(key)", record[key], "a string")
                }
                guard sorted.updateValue(record, forKey: RecordKey(of: record, named: [key])) == nil else {
                    return fail(.duplicateKey, "\(place)[\(index)]", record[key], "one record a \(key)")
                }
            }
            members[list] = .array(sorted.sorted { $0.key < $1.key }.map(\.value))
        }
        return normalize(.object(members), as: .opaque, at: path)
    }
}
