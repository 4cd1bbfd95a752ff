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

    /// A record, a field of it, or an element that several policies say something else of.
    public struct Part: Hashable, Sendable {
        /// The list it stands in, of a value that has several.
        public let list: String?
        /// The record's key, or the element.
        public let name: JSONValue
        /// Dotted; nil for what is decided whole.
        public let field: String?
        /// What devices will hold of it; nil where it is left out.
        public let value: JSONValue?
        public let sides: [Side]

        /// Whether something of the change has no effect here.
        public var isLost: Bool { sides.contains { $0.isYours && $0.loss != nil } }
    }

    public let key: String
    public let strategy: String
    /// What devices will hold; nil where it stays unset.
    public let value: JSONValue?
    /// The setting whose value limits this one.
    public let clampedBy: String?
    /// From general to specific.
    public let sides: [Side]
    /// Of a merged value: where the change and others differ, what has no effect first; the first ones.
    public let parts: [Part]
    /// All of them.
    public let partCount: Int

    /// Whether something of the change has no effect.
    public var isLost: Bool { sides.contains { $0.isYours && $0.loss != nil } || parts.contains(where: \.isLost) }
    /// Whether a mark `enforced` decides.
    public var isEnforced: Bool {
        (sides + parts.flatMap(\.sides)).contains { side in
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
    ///
    /// - Parameter budget: what may still be compared; without it merged values are taken whole.
    func contests(in resolution: Resolution, _ catalog: Catalog, _ budget: inout PlanBudget) -> [Contest] {
        let touched = keys.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        var contests: [Contest] = []
        for key in touched {
            guard let decision = resolution.settings[key]?.decision ?? resolution.unset[key],
                decision.verdicts.contains(where: { contains($0.contribution.contributor.name, key) })
            else { continue }
            let size = decision.verdicts.reduce(0) { $0 + ValueDifference.size(of: $1.contribution.value) }
            let setting = budget.spend(size) ? catalog.settings[key] : nil
            if let contest = contest(key, decision, resolution.settings[key]?.value, setting) {
                contests.append(contest)
            }
        }
        return contests
    }

    private func contest(
        _ key: String, _ decision: ResolvedSetting.Decision, _ value: JSONValue?, _ setting: Setting?
    ) -> Contest? {
        let verdicts = setting.map { decision.verdicts(reachingInto: $0, value: value) } ?? decision.verdicts
        let sides = verdicts.map { side($0, key) }
        let parts = setting.flatMap { decision.parts(of: $0) }.map { parts in
            parts.filter(\.isContested).flatMap { self.parts(of: $0, key) }
        }
        let differs = parts.map { !$0.isEmpty } ?? (Set(sides.map(\.value)).count > 1)
        guard differs || sides.contains(where: { $0.loss != nil }) || decision.clampedBy != nil else { return nil }
        let ordered = (parts ?? []).filter(\.isLost) + (parts ?? []).filter { !$0.isLost }
        return Contest(
            key: key, strategy: decision.strategy, value: value, clampedBy: decision.clampedBy, sides: sides,
            parts: Array(ordered.prefix(Limits.contestParts)), partCount: ordered.count)
    }

    private func side(_ verdict: ResolvedSetting.Verdict, _ key: String) -> Contest.Side {
        let contribution = verdict.contribution
        return Contest.Side(
            policy: contribution.contributor.name, layer: contribution.contributor.place, value: contribution.value,
            isEnforced: contribution.isEnforced, isYours: contains(contribution.contributor.name, key),
            loss: verdict.loss)
    }

    /// Where the change takes part and does not say what the others say.
    private func parts(of part: PartDecision, _ key: String) -> [Contest.Part] {
        var all: [Contest.Part] = []
        func add(_ field: String?, _ value: JSONValue?, _ verdicts: [ResolvedSetting.Verdict]) {
            let sides = verdicts.map { side($0, key) }
            guard sides.contains(where: \.isYours) else { return }
            all.append(Contest.Part(list: part.list, name: part.name, field: field, value: value, sides: sides))
        }
        if part.verdicts.contains(where: { $0.loss != nil }) { add(nil, part.value, part.verdicts) }
        for field in part.fields where field.isContested { add(field.path, field.value, field.verdicts) }
        return all
    }
}
