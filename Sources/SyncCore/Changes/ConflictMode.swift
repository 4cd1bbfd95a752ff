/// What becomes of an edit whose author had not seen the latest write to the same setting.
public enum ConflictMode: String, Hashable, Sendable, CaseIterable {
    /// The whole change set is refused, with every conflict listed.
    case strict
    /// What stands stays; the edit is kept as a sibling until somebody who has seen both decides.
    case merge
    /// The edit counts; what stood is kept as the sibling. Needs the right to, and a reason.
    case force
}
