import SyncCore

extension Draft {
    /// Whether what it does may break a constraint for some class: only such changes are looked at class by class.
    ///
    /// Judged by the changes and not by the edits that asked for them: to take a setting out, or a binding, can break what
    /// the setting held up.
    var mayBreakConstraints: Bool {
        let keys = world.catalog.constrainedKeys
        return changes.contains { change in
            switch change {
            case .settingSet(let id, let key, _, _), .settingRemoved(let id, let key):
                keys.contains(key) || isLarge(id)
            case .bound(_, let assignment): mayBreak(assignment.policy, keys)
            case .unbound(let id): beginning.assignments[id].map { mayBreak($0.policy, keys) } ?? false
            // The device comes under other policies, whichever they are.
            case .deviceMoved, .deviceTagged: mayAnyBreak(keys)
            default: false
            }
        }
    }

    private func mayAnyBreak(_ keys: Set<String>) -> Bool { world.policies.keys.contains { mayBreak($0, keys) } }

    private func mayBreak(_ id: PolicyID, _ keys: Set<String>) -> Bool {
        isLarge(id) || keys.contains { world.policies[id]?.settings[$0]?.current != nil }
    }

    private func isLarge(_ id: PolicyID) -> Bool { (world.policies[id]?.bytes ?? 0) > Limits.largePolicyBytes }
}
