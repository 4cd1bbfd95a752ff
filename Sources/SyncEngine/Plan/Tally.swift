import SyncCore

/// Adds up what the classes of a plan go through.
struct Tally {
    /// One class becoming another, for some devices.
    struct Step {
        let oldKey: String
        let old: Resolution
        let newKey: String
        let new: Resolution
        let units: [OrgPath: Int]
    }

    private struct Difference: Hashable {
        let key: String
        let before: JSONValue?
        let after: JSONValue?
    }

    private(set) var reached = 0
    private(set) var changed = 0
    private(set) var changedByUnit: [OrgPath: Int] = [:]
    private(set) var broken: Set<Refusal.BrokenConstraint> = []
    /// Name and digest of each touched class, before and after.
    private(set) var classes: Set<[String]> = []
    private var differences: [Difference: Int] = [:]
    private var contests: [Contest: Int] = [:]
    private let subjects: Subjects

    init(_ subjects: Subjects) { self.subjects = subjects }

    mutating func add(_ step: Step) {
        let devices = step.units.values.reduce(0, +)
        reached += devices
        let (old, new) = (step.old.document, step.new.document)
        classes.insert([step.oldKey, Self.digest(old), step.newKey, Self.digest(new)])
        let known = Set(step.old.violations.map(\.violation.record))
        for (key, violation) in step.new.violations where !known.contains(violation.record) {
            broken.insert(
                Refusal.BrokenConstraint(
                    setting: key, record: violation.record, constraint: violation.constraint,
                    policies: violation.contributors.map(\.name).sorted()))
        }
        for contest in subjects.contests(in: step.new) { contests[contest, default: 0] += devices }
        guard old != new else { return }
        changed += devices
        changedByUnit.merge(step.units) { $0 + $1 }
        for key in Set(step.old.settings.keys).union(step.new.settings.keys) {
            let (before, after) = (step.old.settings[key]?.value, step.new.settings[key]?.value)
            if before != after {
                differences[Difference(key: key, before: before, after: after), default: 0] += devices
            }
        }
    }

    var settingChanges: [Plan.SettingChange] {
        differences.map { difference, devices in
            Plan.SettingChange(
                key: difference.key, before: difference.before, after: difference.after, devices: devices)
        }.sorted { ($1.devices, $0.key, $0.text) < ($0.devices, $1.key, $1.text) }
    }

    /// What has no effect first, then by devices.
    var contested: [Plan.Contested] {
        contests.map { Plan.Contested(contest: $0, devices: $1) }.sorted { left, right in
            if left.contest.isLost != right.contest.isLost { return left.contest.isLost }
            return (right.devices, left.contest.key, left.contest.text) < (
                left.devices, right.contest.key, right.contest.text
            )
        }
    }

    private static func digest(_ document: JSONValue) -> String {
        Digest(hashing: CanonicalWriter.bytes(of: document)).description
    }
}

extension Contest {
    /// Orders two contests of one setting.
    fileprivate var text: String { sides.map { "\($0.policy) \(CanonicalWriter.text(of: $0.value))" }.joined() }
}

extension Plan.SettingChange {
    /// Orders two changes of one setting.
    fileprivate var text: String {
        [before, after].map { $0.map(CanonicalWriter.text) ?? "" }.joined(separator: " ")
    }
}
