import SyncCore

/// An edit of a setting against a write that its author had not seen.
public struct Conflict: Hashable, Sendable {
    public let policy: PolicyReference
    public let key: String
    /// The log position that the author had seen.
    public let base: Seq
    /// What the setting was there; nil where it was not set, or where that is forgotten.
    public let seen: SettingValue?
    /// What the author wants; nil to remove it.
    public let yours: SettingValue?
    /// The last write that the author had not seen; nil for a removal.
    public let theirs: SettingValue?
    public let written: Stamp
    /// Whether it stands, or is itself a sibling that nobody has decided on.
    public let isStanding: Bool
    /// Whether the author's position lies below the floor, so that nobody can tell what he saw.
    public let isForgotten: Bool
}

extension Conflict: Comparable {
    /// One order, whatever the order of the edits.
    public static func < (left: Conflict, right: Conflict) -> Bool {
        left.policy == right.policy ? left.key.precedesInBytes(right.key) : left.policy < right.policy
    }
}
