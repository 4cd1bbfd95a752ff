import SyncCore

/// What a change set would do, worked out before anything is written.
public struct Plan: Sendable {
    /// The log position it was made at.
    public let seq: Seq
    /// Devices whose set of policies, or one of these policies, is touched.
    public let reached: Int
    /// Devices whose effective policy changes.
    public let changed: Int
    /// Devices whose effective policy changes, by org unit.
    public let changedByUnit: [OrgPath: Int]
    /// Settings that change, most devices first.
    public let settings: [SettingChange]
    /// What changes inside values that have parts, in order of setting.
    public let inside: [Inside]
    /// Settings of the change that other policies set too: what has no effect first.
    public let contested: [Contested]
    /// Settings that the change takes out of a policy, as `policy setting`.
    public let removed: [String]
    /// Constraints that the change would break and that hold now.
    public let broken: [Refusal.BrokenConstraint]
    public let notes: [String]
    /// Covers the catalog, the edits with their bases, and every touched class before and after; no counts, so that a
    /// device more or less does not make it stale.
    public let hash: Digest

    /// A contested setting, and for how many devices it is so.
    public struct Contested: Hashable, Sendable {
        public let contest: Contest
        public let devices: Int
    }

    /// Records and elements of one setting that come, go, or change in some fields.
    public struct Inside: Hashable, Sendable {
        public let key: String
        /// What goes first, then what changes, then what comes; each in order of name.
        public let parts: [PartChange]
        /// Devices whose values were not compared: the plan had looked at as much as it may.
        public let unread: Int
    }

    /// One part becoming another, for some devices.
    public struct PartChange: Hashable, Sendable {
        public let part: ValueDifference.Part
        public let devices: Int
    }

    /// One setting going from one value to another for some devices.
    public struct SettingChange: Hashable, Sendable {
        public let key: String
        /// Nil where it was not set.
        public let before: JSONValue?
        /// Nil where it is no longer set.
        public let after: JSONValue?
        public let devices: Int
    }
}
