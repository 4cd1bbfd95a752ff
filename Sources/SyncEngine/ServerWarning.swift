/// Something is wrong that people must look at while the server goes on.
public enum ServerWarning: String, Sendable, CaseIterable {
    /// What is written stays in the store's log in front: it grows until the disk is full.
    case checkpointFailing = "checkpoint-failing"
    /// The clock is not believed where a belief cannot be taken back: no incident ends.
    case clockDoubted = "clock-doubted"
    /// Entries of the log, or lines of the state that it begins with, could not be read at the start: what they said is
    /// missing.
    case logUnreadable = "log-unreadable"
}

extension Engine {
    /// What people must look at, in the order of the cases.
    public var warnings: [ServerWarning] {
        ServerWarning.allCases.filter { warning in
            switch warning {
            case .checkpointFailing: store.checkpointFailure != nil
            case .clockDoubted: clockWatch.withLock { $0.isDoubting }
            case .logUnreadable: !gaps.isEmpty || !stateDamage.isEmpty
            }
        }
    }
}
