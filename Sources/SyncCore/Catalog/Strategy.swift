/// How the values of several layers become one.
///
/// The strategies are those of AOSP's DevicePolicyEngine and Apple's `combinetype`, named alike. The first eight are
/// joins: commutative, associative and idempotent on bare values, so that no order of arrival can show. The others need
/// to know whose value it is.
public indirect enum Strategy: Hashable, Sendable {
    /// True if anyone says true.
    case trueWins
    /// False if anyone says false.
    case falseWins
    /// The smallest value that is not among `ignoring`; if all are, the smallest of those.
    case minimum(ignoring: [JSONValue])
    /// The largest value, likewise.
    case maximum(ignoring: [JSONValue])
    /// The first name of the list that anyone set; the list runs from most to least restrictive.
    case enumOrder([String])
    /// Everything anyone lists; the absorbing member replaces the whole set.
    case union(absorbing: String?)
    /// What all who set it list. May become empty, which is not the same as unset.
    case intersection
    /// Records with equal keys are merged field by field.
    case keyedMerge(key: [String], fields: [String: Field])

    /// The value of the highest authority. With a group, one layer gives all keys of the group or leaves them unset.
    case priority(group: String?)
    /// From the layer whose value won the key `of`; unset if that layer does not set it.
    case follow(of: String)
    /// The latest write in the log, whatever the layer.
    case lastWriter
    /// All records, highest priority first; a repeated `uniqueBy` keeps its first.
    case append(uniqueBy: String?)
    /// One list of what is allowed or of what is denied.
    case allowDenyList(AllowDenyRule)
    /// Per list and key, the record of the highest authority.
    case keyedLists([String: String])
    /// A set whose additions survive a concurrent removal.
    case addWinsSet

    /// A field of a record, with its own strategy.
    public struct Field: Hashable, Sendable {
        public let type: ValueType
        public let strategy: Strategy

        public init(type: ValueType, strategy: Strategy) {
            self.type = type
            self.strategy = strategy
        }
    }

    /// How an allow or deny list is written down.
    public struct AllowDenyRule: Hashable, Sendable {
        public let typeField: String
        public let listField: String
        public let itemKey: String
        public let allow: String
        public let deny: String
    }

    /// The name in the catalog and in every explanation.
    public var name: String {
        switch self {
        case .trueWins: "true-wins"
        case .falseWins: "false-wins"
        case .minimum: "min"
        case .maximum: "max"
        case .enumOrder: "enum-order"
        case .union: "set-union"
        case .intersection: "set-intersection"
        case .keyedMerge: "keyed-merge"
        case .priority: "priority"
        case .follow: "follow"
        case .lastWriter: "last-writer"
        case .append: "append"
        case .allowDenyList: "allow-deny-list"
        case .keyedLists: "keyed-merge-lists"
        case .addWinsSet: "add-wins-set"
        }
    }
}
