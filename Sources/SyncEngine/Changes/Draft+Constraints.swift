import SyncCore

extension Draft {
    /// Whether what it does may break a constraint for some class: only such changes are looked at class by class.
    ///
    /// Judged by the changes and not by the edits that asked for them: to take a setting out, or a binding, can break what
    /// the setting held up.
    var mayBreakConstraints: Bool {
        let keys = world.catalog.constrainedKeys
        // Every policy is looked at for it: once, however many devices move.
        if changes.contains(where: \.movesDevice), world.policies.keys.contains(where: { mayBreak($0, keys) }) {
            return true
        }
        return changes.contains { change in
            switch change {
            case .settingSet(let id, let key, _, _), .settingRemoved(let id, let key):
                keys.contains(key) || isLarge(id)
            case .bound(_, let assignment): mayBreak(assignment.policy, keys)
            case .unbound(let id): beginning.assignments[id].map { mayBreak($0.policy, keys) } ?? false
            default: false
            }
        }
    }

    private func mayBreak(_ id: PolicyID, _ keys: Set<String>) -> Bool {
        isLarge(id) || keys.contains { world.policies[id]?.settings[$0]?.current != nil }
    }

    private func isLarge(_ id: PolicyID) -> Bool { (world.policies[id]?.bytes ?? 0) > Limits.largePolicyBytes }
}

extension Change {
    /// Whether a device comes under other policies by it, whichever they are.
    fileprivate var movesDevice: Bool {
        switch self {
        case .deviceMoved, .deviceTagged: true
        default: false
        }
    }
}
