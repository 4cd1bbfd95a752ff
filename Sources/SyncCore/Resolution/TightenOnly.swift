/// Whether a policy can do nothing but tighten, wherever it applies.
///
/// A policy that is bound by what devices say of themselves must be such a one: a device that lies then forgoes a
/// tightening and never gains a freedom. Checked by value: each setting must have a strategy by which no contribution
/// loosens the result, and a value at least as strict as what holds when nobody sets it.
public enum TightenOnly {
    public struct Problem: Hashable, Sendable {
        public let key: String
        public let value: JSONValue
        public let expected: String
    }

    /// What stands against it, in order of key.
    public static func problems(of body: PolicyBody, catalog: Catalog) -> [Problem] {
        body.values.sorted { $0.key.precedesInBytes($1.key) }.compactMap { key, value in
            guard let setting = catalog.settings[key] else { return nil }
            return expectation(setting, value, catalog).map { Problem(key: key, value: value, expected: $0) }
        }
    }

    private static func expectation(_ setting: Setting, _ value: JSONValue, _ catalog: Catalog) -> String? {
        guard tightens(setting.strategy) else {
            return "no setting of strategy \(setting.strategy.name): it can loosen"
        }
        // Whoever decides a followed key also decides, or unsets, what follows it.
        if let follower = catalog.settings.values.filter({ $0.strategy.follows(setting.key) }).map(\.key).min() {
            return "no setting that \(follower) follows: it would change too"
        }
        guard let preset = setting.defaultValue,
            Resolver.stricter(preset, value, by: setting.strategy) != Resolver.alone(value, by: setting.strategy)
        else { return nil }
        return "a value at least as strict as the default, \(CanonicalWriter.text(of: preset))"
    }

    private static func tightens(_ strategy: Strategy) -> Bool {
        switch strategy {
        case .trueWins, .falseWins, .minimum, .maximum, .enumOrder, .union, .intersection: true
        case .keyedMerge, .priority, .follow, .lastWriter, .append, .allowDenyList, .keyedLists, .addWinsSet: false
        }
    }
}

extension Strategy {
    fileprivate func follows(_ key: String) -> Bool {
        if case .follow(key) = self { true } else { false }
    }
}
