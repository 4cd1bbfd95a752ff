import SyncCore
import SyncStore

/// What the policies of a change set were at the positions that its author had seen.
///
/// History below a position never changes, so this stays true while the World moves on.
struct Bases: Sendable {
    struct Place: Hashable, Sendable {
        let policy: PolicyID
        let seq: Seq
    }

    /// One policy as its author saw it.
    struct Seen: Hashable, Sendable {
        /// What it said of each setting.
        var values: [String: SettingValue]
        /// Settings of which nobody can tell any more: his position lies below the floor, and they were written since.
        var forgotten: Set<String> = []
        /// Of an author who has seen what they wrote themselves: where each setting was written so.
        var positions: [String: Seq] = [:]

        init(_ values: [String: SettingValue], forgotten: Set<String> = []) {
            self.values = values
            self.forgotten = forgotten
        }
    }

    /// For edits that name no position of their own.
    let `default`: Seq
    private var policies: [Place: Seen] = [:]
    private var applied: [PolicyID: Seen] = [:]

    init(default position: Seq) { `default` = position }

    subscript(policy: PolicyID, at seq: Seq) -> Seen? {
        get { policies[Place(policy: policy, seq: seq)] }
        set { policies[Place(policy: policy, seq: seq)] = newValue }
    }

    /// What the author wrote to a policy, for edits that apply one.
    subscript(appliedTo policy: PolicyID) -> Seen? {
        get { applied[policy] }
        set { applied[policy] = newValue }
    }

    /// Which policies were seen at a position before their last write, by the World as it is now; each once.
    func missing(for edits: [Edit], in world: World) -> [Place] {
        var places: [Place] = []
        var known: Set<Place> = []
        for case .putPolicy(let reference, _, let base) in edits {
            guard let policy = world.policy(reference) else { continue }
            let place = Place(policy: policy.id, seq: base ?? `default`)
            // Whoever has seen the last write has seen what is there.
            guard place.seq < policy.revision || place.seq > world.seq else { continue }
            if policies[place] == nil, known.insert(place).inserted { places.append(place) }
        }
        return places
    }
}

extension Past {
    /// What an author who had seen a position saw of a policy that was written to since.
    func seen(
        _ policy: Policy, at seq: Seq, in reader: any StoreReader, as present: World
    ) throws -> Bases.Seen {
        // What did not exist said nothing, whether its beginning is kept or not.
        guard seq >= policy.id.seq else { return Bases.Seen([:]) }
        guard seq >= (try reader.floor()?.seq ?? 0) else { return policy.seen(belowFloor: seq) }
        let beginning = try policiesAtFloor(in: reader, as: present)
        let history = try reader.history(of: "policy/\(policy.id)", limit: .max)
        return Bases.Seen(Policy.values(at: seq, from: history, after: beginning[policy.id]?.values ?? [:]))
    }
}

extension Policy {
    /// What can still be told of a position below the floor: settings not written since are what they were.
    fileprivate func seen(belowFloor seq: Seq) -> Bases.Seen {
        let younger = settings.filter { $0.value.written?.seq ?? 0 > seq }.keys
        return Bases.Seen(values.filter { !younger.contains($0.key) }, forgotten: Set(younger))
    }

    /// What a policy said at a position, from the transactions that wrote to it since it had some values.
    static func values(
        at seq: Seq, from history: [Transaction], after beginning: [String: SettingValue]
    ) -> [String: SettingValue] {
        var values = beginning
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
