import SyncCore

/// A setting of the change that several policies set: who says what, and who decides.
public struct Contest: Hashable, Sendable {
    /// What one policy says, and what becomes of it.
    public struct Side: Hashable, Sendable {
        public let policy: String
        /// The layer it speaks from, for people.
        public let layer: String
        public let value: JSONValue
        public let isEnforced: Bool
        /// Whether the change writes or binds it.
        public let isYours: Bool
        /// Why it has no part in the result; nil when it has.
        public let loss: ResolvedSetting.Loss?
    }

    public let key: String
    public let strategy: String
    /// What devices will hold; nil where it stays unset.
    public let value: JSONValue?
    /// The setting whose value limits this one.
    public let clampedBy: String?
    /// From general to specific.
    public let sides: [Side]

    /// Whether something of the change has no effect.
    public var isLost: Bool { sides.contains { $0.isYours && $0.loss != nil } }
    /// Whether a mark `enforced` decides.
    public var isEnforced: Bool {
        sides.contains { side in
            if case .enforcedElsewhere = side.loss { true } else { false }
        }
    }
}

/// Which settings of which policies a change writes or binds.
struct Subjects {
    private var keys: [String: Set<String>] = [:]

    init(_ changes: [Change], in world: World) {
        for change in changes {
            switch change {
            case .settingSet(let id, let key, _, _), .settingRemoved(let id, let key):
                if let policy = world.policies[id] { keys[policy.reference.description, default: []].insert(key) }
            case .bound(_, let assignment):
                guard let policy = world.policies[assignment.policy] else { continue }
                keys[policy.reference.description, default: []].formUnion(policy.values.keys)
            default: break
            }
        }
    }

    private func contains(_ policy: String, _ key: String) -> Bool { keys[policy]?.contains(key) ?? false }

    /// What is contested of the change where devices resolve so.
    func contests(in resolution: Resolution) -> [Contest] {
        let touched = keys.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        return touched.compactMap { key in
            let resolved = resolution.settings[key]
            guard let decision = resolved?.decision ?? resolution.unset[key] else { return nil }
            let sides = decision.verdicts.map { verdict in
                let contribution = verdict.contribution
                return Contest.Side(
                    policy: contribution.contributor.name, layer: contribution.contributor.place,
                    value: contribution.value, isEnforced: contribution.isEnforced,
                    isYours: contains(contribution.contributor.name, key), loss: verdict.loss)
            }
            let isContested = Set(sides.map(\.value)).count > 1 || sides.contains { $0.loss != nil }
            guard sides.contains(where: \.isYours), isContested || decision.clampedBy != nil else { return nil }
            return Contest(
                key: key, strategy: decision.strategy, value: resolved?.value, clampedBy: decision.clampedBy,
                sides: sides)
        }
    }
}
