/// Turns what an operator wrote into a policy in normal form, or lists everything that is wrong with it.
///
/// Two shapes are taken: Consigne's own, `{"settings": {...}, "enforced": ["key"]}`, and the body of an AMAPI policy.
/// In both, a setting may stand under its dotted key or nested as AMAPI nests it.
public struct PolicyReader {
    /// A policy, and what reading it changed.
    public struct Reading: Hashable, Sendable {
        public let body: PolicyBody
        /// Deprecated fields that were migrated or dropped, for the author to know.
        public let notes: [String]
    }

    private let catalog: Catalog
    private var normalizer = Normalizer()
    private var problems: [PolicyProblem] = []
    private var values: [String: JSONValue] = [:]
    private var deprecated: [(DeprecatedField, JSONValue)] = []
    private var notes: [String] = []
    /// Deprecated fields that were written, and as what.
    private var migrated: [(field: String, key: String)] = []

    /// Reads a policy file or an AMAPI body.
    public static func read(_ json: JSONValue, catalog: Catalog) throws(PolicyProblems) -> Reading {
        guard let members = json.object else {
            throw PolicyProblems([PolicyProblem(.wrongType, at: "policy", value: json, expected: "an object")])
        }
        guard let settings = members["settings"] else {
            return try read(values: json, enforced: .array([]), catalog: catalog)
        }
        if let stranger = members.keys.sorted().first(where: { $0 != "settings" && $0 != "enforced" }) {
            throw PolicyProblems([
                PolicyProblem(
                    .unknownSetting, at: stranger, value: members[stranger], expected: "settings and enforced only")
            ])
        }
        return try read(values: settings, enforced: members["enforced"] ?? .array([]), catalog: catalog)
    }

    /// Reads settings and the list of those that are enforced.
    public static func read(
        values: JSONValue, enforced: JSONValue, catalog: Catalog
    ) throws(PolicyProblems) -> Reading {
        var reader = PolicyReader(catalog: catalog)
        reader.flatten(values, prefix: "")
        reader.migrate()
        reader.checkConstraints()
        reader.checkSizes()
        let marks = reader.enforcedKeys(enforced)
        let problems = reader.problems + reader.normalizer.problems
        guard problems.isEmpty else { throw PolicyProblems(problems) }
        return Reading(
            body: PolicyBody(values: reader.values, enforced: marks),
            notes: reader.notes + reader.migrationNotes + reader.normalizer.notes)
    }

    private init(catalog: Catalog) { self.catalog = catalog }

    private mutating func flatten(_ json: JSONValue, prefix: String) {
        guard let members = json.object else {
            let path = prefix.isEmpty ? "settings" : prefix
            problems.append(PolicyProblem(.badNesting, at: path, value: json, expected: "an object of settings"))
            return
        }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            let path = prefix.isEmpty ? name : "\(prefix).\(name)"
            if let setting = catalog.settings[path] {
                add(value, to: setting)
            } else if catalog.branches.contains(path) {
                flatten(value, prefix: path)
            } else if let field = catalog.deprecatedFields[path] {
                deprecated.append((field, value))
            } else if catalog.excludedFields.contains(path) {
                notes.append("\(path): left out, it is not a setting")
            } else {
                problems.append(
                    PolicyProblem(.unknownSetting, at: path, value: value, expected: "a setting of the catalog"))
            }
        }
    }

    private mutating func add(_ value: JSONValue, to setting: Setting) {
        guard setting.mayStandInPolicy else {
            problems.append(
                PolicyProblem(
                    .notInPolicy, at: setting.key, value: value,
                    expected: "a setting that operators write; this one is written by "
                        + setting.writers.map(\.rawValue).sorted().joined(separator: " and ")))
            return
        }
        guard value.depth <= Limits.valueDepth else {
            problems.append(
                PolicyProblem(
                    .tooDeep, at: setting.key, value: .string("\(value.depth) levels"),
                    expected: "at most \(Limits.valueDepth) levels"))
            return
        }
        guard let normal = normalizer.normalize(value, as: setting.type, at: setting.key) else { return }
        if let range = setting.range, let number = normal.integer, !range.contains(number) {
            problems.append(
                PolicyProblem(
                    .outOfRange, at: setting.key, value: value,
                    expected: "an integer from \(range.lowerBound) to \(range.upperBound)"))
        }
        if case .append(let identity?) = setting.strategy { checkIdentities(normal, identity, at: setting.key) }
        guard values.updateValue(Resolver.alone(normal, by: setting.strategy), forKey: setting.key) == nil else {
            problems.append(
                PolicyProblem(.setTwice, at: setting.key, value: value, expected: "the setting once, nested or dotted"))
            return
        }
    }

    private mutating func checkIdentities(_ value: JSONValue, _ identity: String, at key: String) {
        var seen: Set<JSONValue> = []
        for (index, record) in (value.array ?? []).enumerated() {
            if let name = record[identity], !seen.insert(name).inserted {
                problems.append(
                    PolicyProblem(
                        .duplicateKey, at: "\(key)[\(index)]", value: name, expected: "one record a \(identity)"))
            }
        }
    }

    /// A deprecated field gives its replacement a value unless the body sets that itself (AMAPI ignores it then).
    private mutating func migrate() {
        let current = Set(values.keys)
        for (field, value) in deprecated {
            switch field.replacement {
            case .dropped:
                notes.append("\(field.field): left out, deprecated without a replacement")
            case .asRecord(let key):
                migrate(field.field, .array([value]), to: key, unless: current)
            case .byFlag(let whenTrue, let whenFalse):
                guard let flag = value.bool else {
                    problems.append(
                        PolicyProblem(.wrongType, at: field.field, value: value, expected: ValueType.bool.description))
                    continue
                }
                if let target = flag ? whenTrue : whenFalse {
                    migrate(field.field, target.value, to: target.key, unless: current)
                } else {
                    notes.append("\(field.field): left out, \(flag) is what AMAPI does anyway")
                }
            }
        }
    }

    private mutating func migrate(_ field: String, _ value: JSONValue, to key: String, unless current: Set<String>) {
        guard !current.contains(key), let setting = catalog.settings[key] else {
            notes.append("\(field): left out, \(key) is set")
            return
        }
        guard let normal = normalizer.normalize(value, as: setting.type, at: field) else { return }
        migrated.append((field, key))
        values[key] = Resolver.stricter(values[key] ?? normal, normal, by: setting.strategy)
    }

    /// What really stands there now: of two fields that became one setting, the stricter.
    private var migrationNotes: [String] {
        migrated.map { field, key in
            let value = values[key].map(CanonicalWriter.text) ?? ""
            return "\(field): written as \(key) = \(value.count > 80 ? value.prefix(77) + "..." : value)"
        }
    }

    private mutating func enforcedKeys(_ json: JSONValue) -> Set<String> {
        guard let list = json.array, case let keys = list.compactMap(\.string), keys.count == list.count else {
            problems.append(
                PolicyProblem(.wrongType, at: "enforced", value: json, expected: "an array of setting keys"))
            return []
        }
        for key in keys where values[key] == nil && problems.isEmpty && normalizer.problems.isEmpty {
            problems.append(
                PolicyProblem(
                    .enforcedUnset, at: "enforced", value: .string(key), expected: "a key that this policy sets"))
        }
        return Set(keys)
    }

    /// What is written down is read back with all that stands around it, and sent on.
    private mutating func checkSizes() {
        let sizes = values.mapValues(CanonicalWriter.count)
        for (key, size) in sizes where size > Limits.settingBytes {
            problems.append(
                PolicyProblem(
                    .tooLarge, at: key, value: .string("\(size) bytes"),
                    expected: "at most \(Limits.settingBytes) bytes in canonical form"))
        }
        let whole = sizes.reduce(0) { $0 + $1.key.utf8.count + $1.value }
        guard whole > Limits.policyBytes, problems.isEmpty else { return }
        problems.append(
            PolicyProblem(
                .tooLarge, at: "settings", value: .string("\(whole) bytes"),
                expected: "at most \(Limits.policyBytes) bytes in one policy"))
    }

    private mutating func checkConstraints() {
        for (key, value) in values {
            guard let setting = catalog.settings[key], let constraint = setting.constraint else { continue }
            for (index, record) in (value.array ?? []).enumerated() where constraint.isBroken(by: record) {
                problems.append(
                    PolicyProblem(
                        .constraintBroken, at: "\(key)[\(index)]", value: record, expected: constraint.description))
            }
        }
    }
}
