/// Reads a settings catalog from JSON.
///
/// Members that only document a setting are passed over; a strategy, type or reference it does not know is an error,
/// because a setting that resolves otherwise than its author thinks is worse than none.
public struct CatalogReader {
    let key: String
    let json: JSONValue

    /// Reads a catalog file's bytes.
    public static func read(_ bytes: [UInt8]) throws(CatalogError) -> Catalog {
        let file: JSONValue
        do {
            file = try JSONReader.read(bytes)
        } catch {
            throw CatalogError(key: "file", problem: "is not readable: \(error)")
        }
        guard let list = file["settings"]?.array else {
            throw CatalogError(key: "settings", problem: "is missing, expected an array of settings")
        }
        var settings: [String: Setting] = [:]
        for (index, json) in list.enumerated() {
            guard let key = json["key"]?.string else {
                throw CatalogError(key: "settings[\(index)].key", problem: "is missing, expected a string")
            }
            let setting = try CatalogReader(key: key, json: json).setting()
            guard settings.updateValue(setting, forKey: key) == nil else {
                throw CatalogError(key: key, problem: "stands twice")
            }
        }
        return try Catalog(
            settings: settings,
            deprecatedFields: try deprecatedFields(file["deprecated_aliases"]?.array ?? []),
            excludedFields: Set(file["excluded_fields"]?.object?.keys.map { $0 } ?? []),
            digest: Digest(hashing: CanonicalWriter.bytes(of: file)))
    }

    private func setting() throws(CatalogError) -> Setting {
        let strategy = try strategy(try member("resolution"), type: json)
        let writers = Set(
            try strings("writable_by", in: json).map { name throws(CatalogError) in
                guard let writer = Setting.Writer(rawValue: name) else { throw fault("has an unknown writer \(name)") }
                return writer
            })
        let gate = json["user_write_gate"].flatMap { gate in
            gate["key"]?.string.flatMap { key in gate["equals"].map { Setting.Gate(key: key, equals: $0) } }
        }
        let defaultValue = json["default"]
        return Setting(
            key: key,
            type: try valueType(json, strategy: strategy),
            strategy: strategy,
            defaultValue: defaultValue == .null ? nil : defaultValue,
            writers: writers,
            gate: gate,
            range: try range(),
            clamp: try clamp(),
            constraint: try constraint(),
            isPersonal: json["personal"]?.bool ?? false,
            isDestructive: json["destructive"]?.bool ?? false,
            destructiveFields: try strings("destructive_fields", in: json))
    }

    private func range() throws(CatalogError) -> ClosedRange<Int64>? {
        guard let bounds = json["range"] else { return nil }
        guard let lower = bounds.array?.first?.integer, let upper = bounds.array?.last?.integer, lower <= upper else {
            throw fault("has a range that is not two ordered integers")
        }
        return lower...upper
    }

    private func clamp() throws(CatalogError) -> Setting.Clamp? {
        guard let clamp = json["clamp_to"] else { return nil }
        let units: [String: Int64] = ["ms": 1, "s": 1_000, "min": 60_000]
        guard let key = clamp["key"]?.string, let unit = clamp["unit"]?.string, let factor = units[unit] else {
            throw fault("has a clamp_to without a key or a unit of ms, s, min")
        }
        return Setting.Clamp(key: key, milliseconds: factor)
    }

    private func constraint() throws(CatalogError) -> Setting.Constraint? {
        guard let text = json["constraint"]?.string else { return nil }
        let sides = text.split(separator: " ")
        guard sides.count == 3, sides[1] == "<" else { throw fault("has a constraint that is not `field < field`") }
        return Setting.Constraint(lower: String(sides[0]), upper: String(sides[2]))
    }

    private static func deprecatedFields(_ list: [JSONValue]) throws(CatalogError) -> [String: DeprecatedField] {
        var fields: [String: DeprecatedField] = [:]
        for entry in list {
            guard let field = entry["field"]?.string else {
                throw CatalogError(key: "deprecated_aliases", problem: "has an entry without a field")
            }
            let becomes = entry["becomes"] ?? .null
            let replacement: DeprecatedField.Replacement
            if let record = becomes["record"]?.array?.first?.string {
                replacement = .asRecord(of: record)
            } else if becomes.object != nil {
                replacement = .byFlag(whenTrue: target(becomes["true"]), whenFalse: target(becomes["false"]))
            } else {
                replacement = .dropped
            }
            fields[field] = DeprecatedField(field: field, replacement: replacement)
        }
        return fields
    }

    private static func target(_ json: JSONValue?) -> DeprecatedField.Target? {
        guard let pair = json?.array, pair.count == 2, let key = pair[0].string else { return nil }
        return DeprecatedField.Target(key: key, value: pair[1])
    }
}
