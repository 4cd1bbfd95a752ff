import SyncCore

/// The policies that reach some devices, each with its place: devices of one class share one effective policy.
public struct PolicyClass: Hashable, Sendable {
    struct Member: Hashable, Sendable {
        let policy: PolicyID
        let priority: Int
        let depth: Int

        static func precedes(_ left: Member, _ right: Member) -> Bool {
            (left.priority, left.depth, left.policy) < (right.priority, right.depth, right.policy)
        }
    }

    /// Sorted and distinct.
    let members: [Member]

    init(_ members: [Member]) {
        var distinct: [Member] = []
        distinct.reserveCapacity(members.count)
        for member in members.sorted(by: Member.precedes) where distinct.last != member { distinct.append(member) }
        self.members = distinct
    }
}

/// A class at one revision of its policies: what a document is resolved for, once.
public struct ClassVersion: Hashable, Sendable {
    let policyClass: PolicyClass
    /// The latest revision among its policies.
    let revision: Seq
}

extension World {
    /// The class that reaches a cohort.
    func policyClass(of cohort: Cohort) -> PolicyClass {
        PolicyClass(assignments(reaching: cohort).map { member($0.assignment) })
    }

    /// The class that reaches a device: its cohort's, and what is bound to it alone.
    func policyClass(of device: Device) -> PolicyClass {
        PolicyClass(assignments(reaching: device).map { member($0.assignment) })
    }

    /// All that is bound to a device: by its place, and to it alone.
    func assignments(reaching device: Device) -> [(id: AssignmentID, assignment: Assignment)] {
        let own = (deviceAssignments[device.id] ?? []).compactMap { id in assignments[id].map { (id, $0) } }
        // All its facts: those that no selector reads decide nothing, and it may not be sorted yet by one that is read.
        return assignments(reaching: Cohort(unit: device.unit, tags: device.tags, facts: device.facts)) + own
    }

    private func assignments(reaching cohort: Cohort) -> [(id: AssignmentID, assignment: Assignment)] {
        guard let unit = units.id(of: cohort.unit) else { return [] }
        return units.assignments(reaching: unit).compactMap { id in
            guard let assignment = assignments[id], assignment.selector?.matches(cohort.tags, cohort.facts) ?? true
            else { return nil }
            return (id, assignment)
        }
    }

    private func member(_ assignment: Assignment) -> PolicyClass.Member {
        let layer = assignment.layer
        return PolicyClass.Member(policy: assignment.policy, priority: layer.priority, depth: layer.depth)
    }

    func version(of policyClass: PolicyClass) -> ClassVersion {
        let revision = policyClass.members.map { policies[$0.policy]?.documentRevision ?? 0 }.max() ?? 0
        return ClassVersion(policyClass: policyClass, revision: revision)
    }

    /// Resolves a class by the catalog's rules, with provenance.
    func resolve(_ policyClass: PolicyClass) -> Resolution {
        let layers = policyClass.members.compactMap { member in
            policies[member.policy]?.layer(
                priority: member.priority, depth: member.depth, place: Self.layerName(member.priority))
        }
        return Resolver.resolve(layers, catalog: catalog)
    }

    private static func layerName(_ priority: Int) -> String {
        switch priority {
        case 10: "baseline"
        case 20: "agency"
        case 30: "region"
        case 40: "unit"
        case 50: "label"
        case 60: "device"
        case Contributor.incidentPriority: "incident"
        default: "layer \(priority)"
        }
    }
}
