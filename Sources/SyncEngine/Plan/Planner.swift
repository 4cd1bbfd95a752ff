import HashTreeCollections
import SyncCore

/// Works out what a draft would do to every class it touches: linear in cohorts, never in devices times policies.
struct Planner {
    private struct Transition: Hashable {
        let before: ClassVersion
        let after: ClassVersion
    }

    private let before: World
    private let after: World
    private var transitions: [Transition: [OrgPath: Int]] = [:]

    static func plan(_ draft: Draft, edits: [Edit], from before: World) -> Plan {
        var planner = Planner(before: before, after: draft.world)
        planner.collect(draft.changes)
        return planner.plan(edits, draft)
    }

    private init(before: World, after: World) {
        self.before = before
        self.after = after
    }

    /// Finds which cohorts, and which devices with a class of their own, pass from one class to another.
    private mutating func collect(_ changes: [Change]) {
        var individual = Set(before.deviceAssignments.filter { !$0.value.isEmpty }.map(\.key))
        individual.formUnion(after.deviceAssignments.filter { !$0.value.isEmpty }.map(\.key))
        individual.formUnion(changes.compactMap(\.movedDevice))
        var apart: [CohortID: Int] = [:]
        for id in individual {
            guard let old = before.devices[id], old.state == .enrolled else { continue }
            apart[old.cohort, default: 0] += 1
            guard let new = after.devices[id], new.state == .enrolled else { continue }
            add(before.policyClass(of: old), after.policyClass(of: new), new.unit, 1)
        }
        // What moves a few devices changes no class: the others need no look.
        guard after.policySeq != before.policySeq else { return }
        guard before.readFacts == after.readFacts else { return collectSorted(apart: individual) }
        for (id, cohort, devices) in before.populatedCohorts where devices > apart[id] ?? 0 {
            add(before.policyClass(of: cohort), after.policyClass(of: cohort), cohort.unit, devices - (apart[id] ?? 0))
        }
    }

    /// Devices are sorted into cohorts anew, because a selector reads another fact: pair by pair of cohorts.
    private mutating func collectSorted(apart: Set<DeviceID>) {
        var pairs: [[CohortID]: Int] = [:]
        for (id, old) in before.devices where old.state == .enrolled && !apart.contains(id) {
            if let new = after.devices[id], new.state == .enrolled { pairs[[old.cohort, new.cohort], default: 0] += 1 }
        }
        for (pair, devices) in pairs {
            guard let old = before.cohort(pair[0]), let new = after.cohort(pair[1]) else { continue }
            add(before.policyClass(of: old), after.policyClass(of: new), new.unit, devices)
        }
    }

    private mutating func add(_ old: PolicyClass, _ new: PolicyClass, _ unit: OrgPath, _ devices: Int) {
        let transition = Transition(before: before.version(of: old), after: after.version(of: new))
        guard transition.before != transition.after else { return }
        transitions[transition, default: [:]][unit, default: 0] += devices
    }

    private func plan(_ edits: [Edit], _ draft: Draft) -> Plan {
        var tally = Tally(Subjects(draft.changes, in: after), after.catalog)
        // What concerns most devices is looked into first.
        let ordered = transitions.sorted { left, right in
            left.value.values.reduce(0, +) > right.value.values.reduce(0, +)
        }
        for (transition, units) in ordered {
            let old = before.resolve(transition.before.policyClass)
            let new = after.resolve(transition.after.policyClass)
            tally.add(
                Tally.Step(
                    oldKey: before.text(of: transition.before.policyClass), old: old,
                    newKey: after.text(of: transition.after.policyClass), new: new, units: units))
        }
        return Plan(
            seq: before.seq, reached: tally.reached, changed: tally.changed, changedByUnit: tally.changedByUnit,
            settings: tally.settingChanges, inside: tally.inside(), contested: tally.contested,
            removed: removed(draft.changes),
            broken: tally.broken.sorted { $0.setting < $1.setting }, notes: draft.notes,
            hash: hash(edits, tally))
    }

    private func removed(_ changes: [Change]) -> [String] {
        changes.compactMap { change in
            guard case .settingRemoved(let id, let key) = change, let policy = after.policies[id] else { return nil }
            return "\(policy.reference) \(key)"
        }
    }

    private func hash(_ edits: [Edit], _ tally: Tally) -> Digest {
        let json = JSONValue.object([
            "catalog": .string(before.catalog.digest.description),
            "edits": .array(edits.map(\.planText)),
            "revisions": .array(edits.map { .integer(Int64(revision(of: $0))) }),
            "classes": .array(
                tally.classes.sorted { $0.lexicographicallyPrecedes($1) }.map { list in
                    .array(list.map(JSONValue.string))
                }),
        ])
        return Digest(hashing: CanonicalWriter.bytes(of: json))
    }

    private func revision(of edit: Edit) -> Seq {
        switch edit {
        case .putPolicy(let reference, _, _), .applyPolicy(let reference, _), .bind(let reference, _, _, _),
            .settle(let reference, _, _, _):
            before.policy(reference)?.revision ?? 0
        default: 0
        }
    }
}

extension Change {
    fileprivate var movedDevice: DeviceID? {
        switch self {
        case .deviceMoved(let id, _), .deviceTagged(let id, _), .deviceRevoked(let id), .deviceRetired(let id): id
        default: nil
        }
    }
}

extension World {
    /// A class by the names of its policies: ids depend on the log's position, names do not.
    fileprivate func text(of policyClass: PolicyClass) -> String {
        policyClass.members.map { member in
            "\(policies[member.policy]?.reference.description ?? "?")@\(member.priority).\(member.depth)"
        }.joined(separator: " ")
    }
}

extension Edit {
    /// The edit as the plan's hash sees it.
    fileprivate var planText: JSONValue {
        switch self {
        case .putPolicy(let reference, let json, let base):
            .array([.string("put \(reference) \(base.map(String.init) ?? "")"), json])
        case .applyPolicy(let reference, let json): .array([.string("apply \(reference)"), json])
        case .settle(let reference, let key, let sibling, let base):
            .string("settle \(reference) \(key) \(sibling ?? 0) \(base ?? 0)")
        case .bind(let reference, let target, let selector, let end):
            .string("bind \(reference) \(target.text) \(selector?.description ?? "") \(end ?? 0)")
        case .issueToken(let grant): .array([.string("issue"), grant.json])
        case .provision(let rows): .array([.string("provision")] + rows.map(\.json))
        case .tag(let id, let added, let removed): .array([.string("tag \(id)"), added.json, removed.json])
        case .createUnit(let path): .string("create \(path)")
        case .unbind(let id): .string("unbind \(id)")
        case .revokeToken(let id): .string("revoke \(id)")
        case .reissueToken(let id, let hash, let expires): .string("reissue \(id) \(hash) \(expires)")
        case .move(let id, let path): .string("move \(id) \(path)")
        case .revoke(let id): .string("revoke \(id)")
        case .retire(let id): .string("retire \(id)")
        case .editUser(let id, let edit, let seen): .array([.string("user \(id) \(seen ?? 0)"), edit.json])
        case .replace(let old, let new): .string("replace \(old) \(new)")
        case .appoint(let appointed, let hash):
            .string(
                "appoint \(appointed.name) \(appointed.role.rawValue) \(appointed.unit) \(hash) \(appointed.expires ?? 0)"
            )
        case .dismiss(let name): .string("dismiss \(name)")
        }
    }
}

extension Assignment.Target {
    fileprivate var text: String {
        switch self {
        case .unit(let path): path.text
        case .device(let id): id.description
        }
    }
}
