import SyncCore

/// What the policies of a change set were at the positions that its author had seen.
///
/// History below a position never changes, so this stays true while the World moves on.
struct Bases: Sendable {
    struct Place: Hashable, Sendable {
        let policy: PolicyID
        let seq: Seq
    }

    /// For edits that name no position of their own.
    let `default`: Seq
    private var values: [Place: [String: SettingValue]] = [:]

    init(default position: Seq) { `default` = position }

    subscript(policy: PolicyID, at seq: Seq) -> [String: SettingValue]? {
        get { values[Place(policy: policy, seq: seq)] }
        set { values[Place(policy: policy, seq: seq)] = newValue }
    }

    /// Which policies were seen at a position before their last write, by the World as it is now.
    func missing(for edits: [Edit], in world: World) -> [Place] {
        edits.compactMap { edit -> Place? in
            guard case .putPolicy(let reference, _, let base) = edit, let policy = world.policy(reference) else {
                return nil
            }
            let place = Place(policy: policy.id, seq: base ?? `default`)
            return values[place] == nil ? place : nil
        }
    }
}

extension Policy {
    /// What a policy said at a position, from the transactions that wrote to it.
    static func values(at seq: Seq, from history: [Transaction]) -> [String: SettingValue] {
        var values: [String: SettingValue] = [:]
        for entry in history.flatMap(\.entries) where entry.seq <= seq {
            switch Change(entry) {
            case .settingSet(_, let key, let value, let isEnforced):
                values[key] = SettingValue(value, isEnforced: isEnforced)
            case .settingRemoved(_, let key): values[key] = nil
            default: break
            }
        }
        return values
    }
}
