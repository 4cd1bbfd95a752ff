/// What an operator wrote: a sparse map of settings in normal form, some of the values enforced.
///
/// Invariant: every value is in normal form for its type (aliases applied, sets and records sorted, int64 as integers),
/// and what is enforced is set. Two bodies that mean the same are equal.
public struct PolicyBody: Hashable, Sendable {
    public let values: [String: JSONValue]
    public let enforced: Set<String>

    /// Trusts its input; `PolicyReader` is the way in for anything from outside.
    public init(values: [String: JSONValue], enforced: Set<String> = []) {
        self.values = values
        self.enforced = enforced
    }
}
