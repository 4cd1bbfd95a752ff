/// Which devices of a unit an assignment reaches: by their tags, and by what they say of themselves.
///
/// Written `patrol,!spare,fact.apiLevel<33`. Tags are the server's; facts are the devices', so that a policy bound by
/// them may only tighten (`TightenOnly`).
public struct Selector: Hashable, Sendable {
    /// Why a text is not a selector.
    public enum Failure: Error, Hashable, Sendable {
        case empty
        case badTerm(String)
        case tooManyTerms
        case contradictory(Tag)
    }

    /// Terms of one selector: each is matched against every cohort of a unit.
    public static let maximumTerms = 16

    public let present: Set<Tag>
    public let absent: Set<Tag>
    /// Sorted and distinct; all must hold.
    public let facts: [FactTerm]

    public init(_ text: String) throws(Failure) {
        let terms = text.split(separator: ",", omittingEmptySubsequences: false)
        guard !text.isEmpty else { throw .empty }
        guard terms.count <= Self.maximumTerms else { throw .tooManyTerms }
        var present: Set<Tag> = []
        var absent: Set<Tag> = []
        var facts: Set<FactTerm> = []
        for term in terms {
            if let fact = FactTerm(term) {
                facts.insert(fact)
                continue
            }
            let isNegated = term.first == "!"
            let isFact = term.dropFirst(isNegated ? 1 : 0).hasPrefix(FactTerm.prefix)
            guard !isFact, let tag = Tag(isNegated ? term.dropFirst() : term) else { throw .badTerm(String(term)) }
            if isNegated { absent.insert(tag) } else { present.insert(tag) }
        }
        if let both = present.intersection(absent).min() { throw .contradictory(both) }
        self.present = present
        self.absent = absent
        self.facts = facts.sorted()
    }

    public func matches(_ tags: Set<Tag>, _ facts: Facts) -> Bool {
        present.isSubset(of: tags) && absent.isDisjoint(with: tags) && self.facts.allSatisfy { $0.matches(facts) }
    }
}

extension Selector: CustomStringConvertible {
    /// The one form that means the same: wanted tags, unwanted ones, facts, each sorted.
    public var description: String {
        (present.sorted().map(\.text) + absent.sorted().map { "!\($0)" } + facts.map(\.description))
            .joined(separator: ",")
    }
}

extension Selector.Failure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "an empty selector, expected tags such as patrol,!spare"
        case .badTerm(let term): "\"\(term)\" is no term, expected a tag, !tag, or \(FactTerm.expected)"
        case .tooManyTerms: "more than \(Selector.maximumTerms) terms"
        case .contradictory(let tag): "\(tag) is wanted and unwanted"
        }
    }
}
