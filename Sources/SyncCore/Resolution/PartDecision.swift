/// Who decided one part of a merged value: a record, a field of it, or an element.
///
/// Worked out when somebody asks, from what a decision keeps anyway: what devices resolve costs nothing for it.
public struct PartDecision: Hashable, Sendable {
    /// The list it stands in, of a value that has several.
    public let list: String?
    /// The record's key (several members as an array), or the element.
    public let name: JSONValue
    /// What came of it; nil where the rules leave it out.
    public let value: JSONValue?
    /// Who says something of it as a whole; empty for a record that is merged field by field.
    public let verdicts: [ResolvedSetting.Verdict]
    /// Of a record that is merged field by field, in order of path.
    public let fields: [Field]

    /// One field of a record.
    public struct Field: Hashable, Sendable {
        /// Dotted, below the record.
        public let path: String
        public let value: JSONValue?
        public let strategy: String
        public let verdicts: [ResolvedSetting.Verdict]

        /// Whether those who say something of it do not say the same.
        public var isContested: Bool { Set(verdicts.map(\.contribution.value)).count > 1 }
    }

    /// Whether somebody's word has no part in it.
    public var isContested: Bool {
        verdicts.contains { $0.loss != nil } || fields.contains(where: \.isContested)
    }

    /// The name as people type it.
    public var text: String { name.string ?? CanonicalWriter.text(of: name) }
}

extension ResolvedSetting.Decision {
    /// The parts of a merged value, in the order of the canonical form; nil where a value is decided whole.
    public func parts(of setting: Setting) -> [PartDecision]? {
        let contributions = verdicts.map(\.contribution)
        return switch setting.strategy {
        case .keyedMerge(let key, let fields): KeyedMerge(key: key, fields: fields).decisions(contributions)
        case .keyedLists(let lists): Self.wholeRecords(contributions, lists)
        case .union(let absorbing): Self.elements(contributions, loss: Self.absorber(absorbing, contributions))
        case .addWinsSet: Self.elements(contributions) { _, _ in nil }
        case .intersection: Self.elements(contributions, loss: Self.missing(contributions))
        case .trueWins, .falseWins, .minimum, .maximum, .enumOrder, .priority, .follow, .lastWriter, .append,
            .allowDenyList:
            nil
        }
    }

    /// Who takes part, and whether anything of what they say counts: a merged value takes in everybody, also one whose
    /// every part others decide; and a value that another setting limits is nobody's.
    public func verdicts(reachingInto setting: Setting, value: JSONValue?) -> [ResolvedSetting.Verdict] {
        let counting = parts(of: setting).map { parts in
            Set(
                parts.flatMap { part in part.verdicts + part.fields.flatMap(\.verdicts) }
                    .filter { $0.loss == nil }.map(\.contribution.contributor))
        }
        return verdicts.map { verdict in
            guard verdict.loss == nil, let value, verdict.contribution.value != value else { return verdict }
            if let clampedBy { return verdict.lost(.limited(by: clampedBy)) }
            if let counting, !counting.contains(verdict.contribution.contributor) {
                return verdict.lost(.nothingCounts)
            }
            switch setting.strategy {
            case .allowDenyList, .append:
                return isNeeded(verdict.contribution, setting) ? verdict : verdict.lost(.nothingCounts)
            default: return verdict
            }
        }
    }

    private func isNeeded(_ contribution: Contribution, _ setting: Setting) -> Bool {
        let all = verdicts.map(\.contribution)
        let others = all.filter { $0 != contribution }
        guard !others.isEmpty else { return true }
        return Resolver.merge(all, by: setting.strategy).value != Resolver.merge(others, by: setting.strategy).value
    }

    /// Element by element, each contribution looked through once.
    private static func elements(
        _ contributions: [Contribution],
        loss: (JSONValue, [Contribution]) -> ResolvedSetting.Loss?
    ) -> [PartDecision] {
        var listed: [JSONValue: [Contribution]] = [:]
        for contribution in contributions {
            for element in Set(contribution.value.array ?? []) { listed[element, default: []].append(contribution) }
        }
        return CanonicalSet.sorted(listed.keys).map { element in
            let who = listed[element] ?? []
            let loss = loss(element, who)
            return PartDecision(
                list: nil, name: element, value: loss == nil ? element : nil,
                verdicts: who.map { ResolvedSetting.Verdict(contribution: $0, loss: loss) }, fields: [])
        }
    }

    /// Why an element of a union is not in it: a member that replaces the whole set is listed too.
    private static func absorber(
        _ absorbing: String?, _ all: [Contribution]
    ) -> (JSONValue, [Contribution]) -> ResolvedSetting.Loss? {
        guard let absorbing = absorbing.map(JSONValue.string),
            let winner = all.first(where: { $0.value.array?.contains(absorbing) ?? false })
        else { return { _, _ in nil } }
        return { element, _ in element == absorbing ? nil : .absorbed(by: winner.contributor) }
    }

    /// Why an element of an intersection is not in it: somebody does not list it.
    private static func missing(_ all: [Contribution]) -> (JSONValue, [Contribution]) -> ResolvedSetting.Loss? {
        { _, who in
            guard who.count < all.count else { return nil }
            let listing = Set(who.map(\.contributor))
            return all.first { !listing.contains($0.contributor) }.map { .notShared(with: $0.contributor) }
        }
    }

    private static func wholeRecords(_ contributions: [Contribution], _ lists: [String: String]) -> [PartDecision] {
        lists.sorted { $0.key < $1.key }.flatMap { list, key in
            let parts = contributions.compactMap { whole in whole.value[list].map { whole.with(value: $0) } }
            return KeyedMerge.records(parts, key: [key]).map { recordKey, records in
                let outcome = Outcome.authority(records)
                return PartDecision(
                    list: list, name: recordKey.value(), value: outcome.value,
                    verdicts: records.map { ResolvedSetting.Verdict(contribution: $0, loss: outcome.loss($0)) },
                    fields: [])
            }
        }
    }
}

extension ResolvedSetting.Verdict {
    fileprivate func lost(_ loss: ResolvedSetting.Loss) -> ResolvedSetting.Verdict {
        ResolvedSetting.Verdict(contribution: contribution, loss: loss)
    }
}
