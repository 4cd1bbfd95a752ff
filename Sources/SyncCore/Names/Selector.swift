/// Which devices of a unit an assignment reaches: those that have some tags and lack others.
///
/// Written `patrol,!spare`. Terms over facts (`fact.model=...`) have their place in the form and are refused for now.
public struct Selector: Hashable, Sendable {
    /// Why a text is not a selector.
    public enum Failure: Error, Hashable, Sendable {
        case empty
        case badTerm(String)
        case tooManyTerms
        case contradictory(Tag)
        case factsNotSelectable(String)
    }

    /// Terms of one selector: each is matched against every cohort of a unit.
    public static let maximumTerms = 16

    public let present: Set<Tag>
    public let absent: Set<Tag>

    public init(_ text: String) throws(Failure) {
        let terms = text.split(separator: ",", omittingEmptySubsequences: false)
        guard !text.isEmpty else { throw .empty }
        guard terms.count <= Self.maximumTerms else { throw .tooManyTerms }
        var present: Set<Tag> = []
        var absent: Set<Tag> = []
        for term in terms {
            if term.hasPrefix("fact.") || term.hasPrefix("!fact.") { throw .factsNotSelectable(String(term)) }
            let isNegated = term.first == "!"
            guard let tag = Tag(isNegated ? term.dropFirst() : term) else { throw .badTerm(String(term)) }
            if isNegated { absent.insert(tag) } else { present.insert(tag) }
        }
        if let both = present.intersection(absent).min() { throw .contradictory(both) }
        self.present = present
        self.absent = absent
    }

    public func matches(_ tags: Set<Tag>) -> Bool { present.isSubset(of: tags) && absent.isDisjoint(with: tags) }
}

extension Selector: CustomStringConvertible {
    /// The one form that means the same: wanted tags, then unwanted ones, each sorted.
    public var description: String {
        (present.sorted().map(\.text) + absent.sorted().map { "!\($0)" }).joined(separator: ",")
    }
}

extension Selector.Failure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "an empty selector, expected tags such as patrol,!spare"
        case .badTerm(let term): "\"\(term)\" is no term, expected a tag or !tag"
        case .tooManyTerms: "more than \(Selector.maximumTerms) terms"
        case .contradictory(let tag): "\(tag) is wanted and unwanted"
        case .factsNotSelectable(let term): "\"\(term)\": facts cannot be selected by yet, only tags"
        }
    }
}
