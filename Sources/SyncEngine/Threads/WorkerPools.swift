import SyncCore

/// Where the engine computes what takes long: the one place that says on how many threads, and how much may wait.
///
/// What commits runs on none of these, so that a push waits for nobody's plan and a report for no class.
struct WorkerPools: Sendable {
    /// Resolve classes and make deltas, after a push for the whole fleet. What waits is bounded by the classes there are:
    /// each is asked for once.
    let classes = Workers("classes", threads: Limits.classThreads)
    /// Check the plans of changes that are to be made: apart from `plans`, so that many who look hold up nobody who acts.
    let changes = Workers("changes", threads: 1, waiting: Limits.changesWaiting)
    /// Make plans that somebody looks at.
    let plans = Workers("plans", threads: 1, waiting: Limits.plansWaiting)
    /// Read the bodies of changes, and of plans: each only where it is large.
    let changeBodies = Workers("change-bodies", threads: 1, waiting: Limits.bodiesWaiting)
    let planBodies = Workers("plan-bodies", threads: 1, waiting: Limits.bodiesWaiting)
    /// Count and list the fleet.
    let counts = Workers("counts", threads: 1, waiting: Limits.countsWaiting)
    /// Replays of the log: each holds a reading connection of the store, on whose thread it runs.
    let replays = Gate(atOnce: 1, waiting: Limits.replaysWaiting)
}
