/// All that one contributor says: a policy as it is bound somewhere, with the log position of each value.
public struct Layer: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public let value: JSONValue
        public let seq: UInt64
        public let isEnforced: Bool

        public init(value: JSONValue, seq: UInt64, isEnforced: Bool = false) {
            self.value = value
            self.seq = seq
            self.isEnforced = isEnforced
        }
    }

    public let contributor: Contributor
    public let entries: [String: Entry]
    /// Bytes of its settings in canonical form, or more: what the layers say together is no longer than all they say.
    let bytes: Int

    /// - Parameter bytes: of its settings, where it is known.
    public init(contributor: Contributor, entries: [String: Entry], bytes: Int? = nil) {
        self.contributor = contributor
        self.entries = entries
        self.bytes = bytes ?? entries.reduce(0) { $0 + Limits.memberBytes($1.key, $1.value.value) }
    }

    /// A body whose values were all written at one log position.
    public init(contributor: Contributor, body: PolicyBody, seq: UInt64) {
        self.init(
            contributor: contributor,
            entries: Dictionary(
                uniqueKeysWithValues: body.values.map { key, value in
                    (key, Entry(value: value, seq: seq, isEnforced: body.enforced.contains(key)))
                }))
    }

    func contribution(to key: String) -> Contribution? {
        entries[key].map {
            Contribution(contributor: contributor, value: $0.value, seq: $0.seq, isEnforced: $0.isEnforced)
        }
    }
}
