import SyncCore
import SyncStore

extension Limits {
    /// Entries since a plan that are looked through for what moved: enough to find the few that are told.
    static let driftLookedThrough = PageBound(entries: 1_000, bytes: 4 * 1_024 * 1_024)
}

/// How much more one plan may compare: it reaches into records of a few thousand applications, not of those times every
/// class of a fleet.
struct PlanBudget {
    private var left = Limits.planElements

    /// Takes the cost of one comparison, if it is left.
    mutating func spend(_ elements: Int) -> Bool {
        guard elements <= left else { return false }
        left -= elements
        return true
    }
}
