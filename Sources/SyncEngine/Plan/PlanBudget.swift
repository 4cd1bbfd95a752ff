import SyncCore

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
