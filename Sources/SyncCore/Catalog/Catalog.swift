/// The settings catalog: every setting that exists, its type, and how the layers' values become one.
///
/// Invariant: whatever a strategy, gate, clamp or migration names exists here, and no chain of `follow` is circular.
public struct Catalog: Hashable, Sendable {
    public let settings: [String: Setting]
    public let deprecatedFields: [String: DeprecatedField]
    /// Fields of an AMAPI body that are no settings (its resource name, its version counter).
    public let excludedFields: Set<String>
    /// SHA-256 of the canonical bytes of the catalog file; part of every World and manifest.
    public let digest: Digest

    /// Keys by group, sorted.
    let groups: [String: [String]]
    /// Every proper prefix of a key: where an object is nesting and not a value.
    let branches: Set<String>
    /// Keys in the order in which they can be resolved: a follower after the one it follows.
    let resolutionOrder: [String]
    /// Settings that user documents depend on: what users write, what gates it, what limits it.
    let userKeys: Set<String>
    /// Settings whose records must keep a constraint.
    public let constrainedKeys: Set<String>

    public init(
        settings: [String: Setting],
        deprecatedFields: [String: DeprecatedField] = [:],
        excludedFields: Set<String> = [],
        digest: Digest
    ) throws(CatalogError) {
        self.settings = settings
        self.deprecatedFields = deprecatedFields
        self.excludedFields = excludedFields
        self.digest = digest
        let keys = settings.keys.sorted { $0.precedesInBytes($1) }
        var groups: [String: [String]] = [:]
        for key in keys {
            if case .priority(let group?) = settings[key]?.strategy { groups[group, default: []].append(key) }
        }
        self.groups = groups
        branches = Set(keys.flatMap(Self.properPrefixes))
        resolutionOrder = try Self.order(keys, in: settings)
        userKeys = Self.userKeys(settings)
        constrainedKeys = Set(settings.values.filter { $0.constraint != nil }.map(\.key))
        try checkReferences()
    }

    private static func properPrefixes(of key: String) -> [String] {
        let parts = key.split(separator: ".")
        return (1..<max(parts.count, 1)).map { parts[..<$0].joined(separator: ".") }
    }

    private static func userKeys(_ settings: [String: Setting]) -> Set<String> {
        let written = settings.values.filter { $0.writers.contains(.user) }
        return Set(written.flatMap { [$0.key, $0.gate?.key, $0.clamp?.key].compactMap { $0 } })
    }

    private static func order(
        _ keys: [String], in settings: [String: Setting]
    ) throws(CatalogError) -> [String] {
        func depth(_ key: String) throws(CatalogError) -> Int {
            var current = key
            for depth in 0...settings.count {
                guard case .follow(let leader) = settings[current]?.strategy else { return depth }
                guard settings[leader] != nil else {
                    throw CatalogError(key: current, problem: "follows \(leader), which is not in the catalog")
                }
                current = leader
            }
            throw CatalogError(key: key, problem: "follows itself")
        }
        var depths: [(depth: Int, key: String)] = []
        for key in keys { depths.append((try depth(key), key)) }
        return depths.sorted { ($0.depth, $0.key) < ($1.depth, $1.key) }.map(\.key)
    }

    private func checkReferences() throws(CatalogError) {
        for setting in settings.values {
            for key in [setting.gate?.key, setting.clamp?.key] {
                if let key, settings[key] == nil {
                    throw CatalogError(key: setting.key, problem: "refers to \(key), which is not in the catalog")
                }
            }
            if branches.contains(setting.key) {
                throw CatalogError(key: setting.key, problem: "is also the beginning of another key")
            }
        }
        for case .byFlag(let whenTrue, let whenFalse) in deprecatedFields.values.map(\.replacement) {
            for target in [whenTrue, whenFalse] {
                if let target, settings[target.key] == nil {
                    throw CatalogError(key: target.key, problem: "is named by a deprecated field and does not exist")
                }
            }
        }
    }
}

/// Why a catalog cannot be used.
public struct CatalogError: Error, Hashable, Sendable, CustomStringConvertible {
    public let key: String
    public let problem: String

    public var description: String { "catalog: \(key) \(problem)" }
}
