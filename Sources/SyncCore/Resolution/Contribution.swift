/// Who says something about a setting: one policy, bound at one place.
public struct Contributor: Hashable, Sendable {
    /// What a person calls it: the layer of a stack, or the policy's name.
    public let name: String
    /// Where it applies, for people: a layer's name and the unit it is bound at. Never compared.
    public let place: String
    /// The layer: `/` baseline 10, agency 20, region 30, deeper unit 40, selector label 50, device 60, incident 100.
    public let priority: Int
    /// Depth of the org unit it is bound at; a deeper one is more specific within a layer.
    public let depth: Int

    public init(name: String, place: String = "", priority: Int, depth: Int = 0) {
        self.name = name
        self.place = place
        self.priority = priority
        self.depth = depth
    }

    /// Priority from which a layer is an incident: lost mode, recall.
    public static let incidentPriority = 100
}

/// One contributor's value for one setting.
public struct Contribution: Hashable, Sendable {
    public let contributor: Contributor
    public let value: JSONValue
    /// Log position of the last write that changed this value in its policy. Rewriting an equal value keeps it.
    public let seq: UInt64
    public let isEnforced: Bool

    public init(contributor: Contributor, value: JSONValue, seq: UInt64, isEnforced: Bool = false) {
        self.contributor = contributor
        self.value = value
        self.seq = seq
        self.isEnforced = isEnforced
    }

    func with(value: JSONValue) -> Contribution {
        Contribution(contributor: contributor, value: value, seq: seq, isEnforced: isEnforced)
    }
}

extension Contribution {
    /// Whether this one decides before another where authority decides.
    ///
    /// Enforced incident first, then enforced from general to specific, then the rest from specific to general; then
    /// the later write. The last comparison only makes the order total.
    func outranks(_ other: Contribution) -> Bool {
        if isEnforced != other.isEnforced { return isEnforced }
        let (mine, theirs) = (contributor, other.contributor)
        if isEnforced {
            let isIncident = mine.priority >= Contributor.incidentPriority
            if isIncident != (theirs.priority >= Contributor.incidentPriority) { return isIncident }
        }
        if (mine.priority, mine.depth) != (theirs.priority, theirs.depth) {
            let isMoreSpecific = (mine.priority, mine.depth) > (theirs.priority, theirs.depth)
            return isMoreSpecific != isEnforced
        }
        return isLater(than: other)
    }

    /// Whether this one was written later; by name and bytes where one log position wrote both.
    func isLater(than other: Contribution) -> Bool {
        if seq != other.seq { return seq > other.seq }
        if contributor.name != other.contributor.name {
            return other.contributor.name.precedesInBytes(contributor.name)
        }
        return CanonicalWriter.bytes(of: other.value).lexicographicallyPrecedes(CanonicalWriter.bytes(of: value))
    }

    /// General before specific, then earlier before later: the order in which contributors are listed.
    func isListedBefore(_ other: Contribution) -> Bool {
        let (mine, theirs) = (contributor, other.contributor)
        if (mine.priority, mine.depth) != (theirs.priority, theirs.depth) {
            return (mine.priority, mine.depth) < (theirs.priority, theirs.depth)
        }
        return other.isLater(than: self)
    }
}

extension Sequence<Contribution> {
    /// The one that decides where authority decides; nil when there is none.
    func highestAuthority() -> Contribution? { self.min { $0.outranks($1) } }
}
