/// Resolves layers into the effective policy of a device.
///
/// A pure and total function: any order and any repetition of the layers gives the same result, and there is one for
/// every input. What a rule of the catalog forbids (a broken constraint) is taken out and told, never thrown.
public struct Resolver {
    let catalog: Catalog
    var settings: [String: ResolvedSetting] = [:]
    var unset: [String: ResolvedSetting.Decision] = [:]
    /// For each group, the contributor that gives all its keys.
    private var groupWinners: [String: Contribution] = [:]

    public static func resolve(_ layers: [Layer], catalog: Catalog) -> Resolution {
        let distinct = Array(Set(layers))
        var resolver = Resolver(catalog: catalog)
        resolver.electGroups(distinct)
        for key in catalog.resolutionOrder {
            guard let setting = catalog.settings[key] else { continue }
            let contributions = distinct.compactMap { $0.contribution(to: key) }
            guard !contributions.isEmpty else { continue }
            resolver.decide(setting, contributions.sorted { $0.isListedBefore($1) })
        }
        resolver.clamp()
        resolver.fit(distinct)
        return Resolution(settings: resolver.settings, unset: resolver.unset)
    }

    private init(catalog: Catalog) { self.catalog = catalog }

    private mutating func decide(_ setting: Setting, _ contributions: [Contribution]) {
        let outcome = outcome(of: setting, contributions)
        var decision = ResolvedSetting.Decision(
            strategy: setting.strategy.name,
            verdicts: contributions.map { ResolvedSetting.Verdict(contribution: $0, loss: outcome.loss($0)) })
        guard let value = outcome.value else {
            unset[setting.key] = decision
            return
        }
        let (kept, violations) = setting.withoutViolations(value, contributions)
        decision.violations = violations
        settings[setting.key] = ResolvedSetting(value: kept, decision: decision)
    }

    private func outcome(of setting: Setting, _ contributions: [Contribution]) -> Outcome {
        switch setting.strategy {
        case .priority(let group?):
            .from(groupWinners[group], contributions) { .groupTaken(by: $0) }
        case .follow(let leaderKey):
            follow(leaderKey, contributions)
        default:
            Resolver.merge(contributions, by: setting.strategy)
        }
    }

    /// One layer gives a whole group: the highest authority among those that set any key of it. A layer enforces the
    /// group if it enforces any key it sets there, and counts as written when its latest key was.
    private mutating func electGroups(_ layers: [Layer]) {
        for (group, keys) in catalog.groups {
            let candidates = layers.compactMap { layer -> Contribution? in
                let parts = keys.compactMap { layer.contribution(to: $0) }
                guard let latest = parts.map(\.seq).max() else { return nil }
                let values = keys.compactMap { key in layer.entries[key].map { (key, $0.value) } }
                return Contribution(
                    contributor: layer.contributor, value: .object(Dictionary(uniqueKeysWithValues: values)),
                    seq: latest, isEnforced: parts.contains(where: \.isEnforced))
            }
            groupWinners[group] = candidates.highestAuthority()
        }
    }

    /// The value of the layer that won the followed setting; among several that said the winning value, of the one
    /// with the highest authority there.
    private func follow(_ key: String, _ contributions: [Contribution]) -> Outcome {
        let winners = (settings[key]?.decision.verdicts ?? []).filter { $0.loss == nil }.map(\.contribution)
        let leader = winners.highestAuthority()
        let value = contributions.first { $0.contributor == leader?.contributor }?.value
        return Outcome(value: value) {
            $0.contributor == leader?.contributor ? nil : .doesNotLead(key: key, leader: leader?.contributor)
        }
    }

    /// A value above the one it is clamped to becomes that one; 0 there means no limit.
    private mutating func clamp() {
        for (key, resolved) in settings {
            guard let clamp = catalog.settings[key]?.clamp,
                let limit = settings[clamp.key]?.value.integer, limit > 0,
                let duration = resolved.value.string.flatMap(Seconds.init),
                case let bound = Seconds(milliseconds: limit * clamp.milliseconds), duration > bound
            else { continue }
            var decision = resolved.decision
            decision.clampedBy = clamp.key
            settings[key] = ResolvedSetting(value: .string(bound.description), decision: decision)
        }
    }
}
