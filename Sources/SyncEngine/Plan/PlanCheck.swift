import SyncCore

/// What a plan rests on, beside the edits: as long as it is the same, the plan is.
struct PlanBasis: Hashable, Sendable {
    private let policySeq: Seq
    private let devicesSeq: Seq

    init(of world: World) {
        policySeq = world.policySeq
        devicesSeq = world.devicesSeq
    }
}

/// What must hold of a change for whole classes, checked outside the log's lane and confirmed in it.
struct PlanCheck: Sendable {
    /// The hash of the plan that the author was shown; nil where none was.
    let expected: Digest?
    /// What it was checked on; nil where it was not.
    let basis: PlanBasis?

    /// - Parameter draft: what the change does to the World at the head.
    /// - Throws: `busy` where it would do something else than was shown: what, is worked out outside the lane.
    func confirm(_ draft: Draft, _ edits: [Edit]) throws(Refusal) {
        guard basis != PlanBasis(of: draft.beginning) else { return }
        guard expected != nil || draft.mayBreakConstraints else { return }
        let plan = try draft.plan(edits)
        if let expected, plan.hash != expected { throw .busy }
    }
}

extension Draft {
    /// What the changes so far do to every class.
    ///
    /// - Throws: `constraintBroken` where they break a constraint that holds now.
    func plan(_ edits: [Edit]) throws(Refusal) -> Plan {
        let plan = Planner.plan(self, edits: edits, from: beginning)
        guard plan.broken.isEmpty else { throw .constraintBroken(plan.broken) }
        return plan
    }
}
