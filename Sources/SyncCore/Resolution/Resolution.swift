/// What the layers resolve to: the effective policy, and for every setting who decided it.
public struct Resolution: Hashable, Sendable {
    /// Settings that are set, by key.
    public let settings: [String: ResolvedSetting]
    /// Settings that somebody sets and the rules leave unset (a group or a followed key went to another layer).
    public let unset: [String: ResolvedSetting.Decision]

    /// The effective policy: a flat object of dotted keys.
    public var document: JSONValue { .object(settings.mapValues(\.value)) }

    /// Records that broke their constraint, and settings for which the document had no room, in order of key.
    public var violations: [(key: String, violation: ConstraintViolation)] {
        settings.mapValues(\.decision).merging(unset) { decision, _ in decision }
            .filter { !$0.value.violations.isEmpty }.sorted { $0.key < $1.key }
            .flatMap { key, decision in decision.violations.map { (key, $0) } }
    }
}

/// One setting of the effective policy, with its provenance.
public struct ResolvedSetting: Hashable, Sendable {
    public let value: JSONValue
    public let decision: Decision

    /// Who took part, and what became of what they said.
    public struct Decision: Hashable, Sendable {
        public let strategy: String
        /// Everyone who sets it, from general to specific.
        public let verdicts: [Verdict]
        /// The setting whose value limited this one.
        public internal(set) var clampedBy: String?
        public internal(set) var violations: [ConstraintViolation] = []

        /// The contributors whose value is the result, or went into it.
        public var from: [Contributor] { verdicts.filter { $0.loss == nil }.map(\.contribution.contributor) }
    }

    /// One contributor's part in a decision.
    public struct Verdict: Hashable, Sendable {
        public let contribution: Contribution
        /// Why it has no part in the result; nil when it has.
        public let loss: Loss?
    }

    /// Why a contribution has no part in the result.
    public enum Loss: Hashable, Sendable {
        /// Another value is the stricter one by this setting's strategy.
        case lessStrict
        /// Another contributor has more authority (a more specific layer, or the later of two on one layer).
        case outranked(by: Contributor)
        /// Another contributor enforces its value.
        case enforcedElsewhere(by: Contributor)
        /// A later write counts.
        case writtenEarlier(than: Contributor)
        /// The keys of this group come whole from another contributor.
        case groupTaken(by: Contributor)
        /// The followed setting was won by another contributor.
        case doesNotLead(key: String, leader: Contributor?)
        /// Of an element: another contributor's set does not have it.
        case notShared(with: Contributor)
        /// Of an element: another contributor's member replaces the whole set.
        case absorbed(by: Contributor)
        /// Of a merged value: others decide every part of it.
        case nothingCounts
        /// Another setting's value limits this one.
        case limited(by: String)
    }
}

/// A record whose merged fields break the setting's constraint, and who made it so.
public struct ConstraintViolation: Hashable, Sendable {
    /// The record's key.
    public let record: JSONValue
    public let constraint: String
    public let contributors: [Contributor]
}
