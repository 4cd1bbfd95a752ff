import SyncCore

/// A second resolver, plain and slow, written from the catalog's rules alone: what the first one is checked against.
///
/// It shares the catalog, the values and the canonical form with the product, and nothing of how it resolves.
struct PlainResolver {
    /// All that one bound policy says.
    struct Layer {
        let priority: Int
        let depth: Int
        let values: [String: JSONValue]
        let enforced: Set<String>
        /// For each key, when its value was last changed; later is larger.
        let order: [String: Int]
    }

    /// One value and what decides between it and others.
    struct Voice {
        let value: JSONValue
        let layer: Int
        let rank: Rank
        let order: Int
        let isEnforced: Bool
    }

    struct Rank: Comparable {
        let priority: Int
        let depth: Int

        static func < (left: Rank, right: Rank) -> Bool {
            left.priority == right.priority ? left.depth < right.depth : left.priority < right.priority
        }
    }

    let catalog: Catalog
    let layers: [Layer]

    func document() -> [String: JSONValue] {
        var document: [String: JSONValue] = [:]
        for key in catalog.settings.keys { document[key] = value(of: key) }
        for (key, setting) in catalog.settings {
            guard let clamp = setting.clamp, let text = document[key]?.string, let mine = Seconds(text),
                let limit = document[clamp.key]?.integer, limit > 0
            else { continue }
            let bound = Seconds(milliseconds: limit * clamp.milliseconds)
            if bound < mine { document[key] = .string(bound.description) }
        }
        return document
    }

    private func value(of key: String) -> JSONValue? {
        guard let setting = catalog.settings[key] else { return nil }
        let voices = voices(on: key)
        guard !voices.isEmpty else { return nil }
        switch setting.strategy {
        case .priority(let group?): return groupLayer(group).flatMap { layers[$0].values[key] }
        case .follow(let leader): return leadingLayer(of: leader).flatMap { layers[$0].values[key] }
        default: return sound(PlainMerge.merge(voices, setting.strategy), setting)
        }
    }

    private func voices(on key: String) -> [Voice] {
        layers.enumerated().compactMap { index, layer in
            layer.values[key].map { value in
                Voice(
                    value: value, layer: index, rank: Rank(priority: layer.priority, depth: layer.depth),
                    order: layer.order[key] ?? 0, isEnforced: layer.enforced.contains(key))
            }
        }
    }

    /// The layer that gives all keys of a group: the strongest of those that set any.
    private func groupLayer(_ group: String) -> Int? {
        let keys = catalog.settings.values.filter { setting in
            if case .priority(group) = setting.strategy { true } else { false }
        }.map(\.key)
        let candidates = layers.enumerated().compactMap { index, layer -> Voice? in
            let set = keys.filter { layer.values[$0] != nil }
            guard !set.isEmpty else { return nil }
            return Voice(
                value: .bool(true), layer: index, rank: Rank(priority: layer.priority, depth: layer.depth),
                order: set.map { layer.order[$0] ?? 0 }.max() ?? 0,
                isEnforced: set.contains { layer.enforced.contains($0) })
        }
        return PlainMerge.strongest(candidates)?.layer
    }

    /// The layer whose value won a key; of several that said it, the strongest.
    private func leadingLayer(of key: String) -> Int? {
        guard let setting = catalog.settings[key], let won = value(of: key) else { return nil }
        let voices = voices(on: key)
        switch setting.strategy {
        case .priority, .lastWriter: return PlainMerge.strongest(voices)?.layer
        default: return PlainMerge.strongest(voices.filter { $0.value == won })?.layer
        }
    }

    /// Without the side that can erase a terminal, in records that break their constraint.
    private func sound(_ value: JSONValue, _ setting: Setting) -> JSONValue {
        guard let constraint = setting.constraint, let records = value.array else { return value }
        return .array(
            records.map { record in
                let low = Self.dig(record, constraint.lower)?.integer
                let high = Self.dig(record, constraint.upper)?.integer
                guard let low, let high, low >= high, var members = record.object else { return record }
                for field in setting.destructiveFields { members[String(field.split(separator: ".")[0])] = nil }
                return .object(members)
            })
    }

    static func dig(_ value: JSONValue, _ path: String) -> JSONValue? {
        var current: JSONValue? = value
        for name in path.split(separator: ".") { current = current?[String(name)] }
        return current
    }
}
