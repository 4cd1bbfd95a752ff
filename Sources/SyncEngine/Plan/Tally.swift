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
    private let catalog: Catalog
    private var budget = PlanBudget()

    init(_ subjects: Subjects, _ catalog: Catalog) {
        self.subjects = subjects
        self.catalog = catalog
    }

    mutating func add(_ step: Step) {
        let devices = step.units.values.reduce(0, +)
        reached += devices
        let (old, new) = (step.old.document, step.new.document)
        classes.insert([step.oldKey, Self.digest(old), step.newKey, Self.digest(new)])
        let known = Set(step.old.violations.map { [.string($0.key), $0.violation.record] })
        for (key, violation) in step.new.violations where !known.contains([.string(key), violation.record]) {
            broken.insert(
                Refusal.BrokenConstraint(
                    setting: key, record: violation.record, constraint: violation.constraint,
                    policies: violation.contributors.map(\.name).sorted()))
        }
        for contest in subjects.contests(in: step.new, catalog, &budget) { contests[contest, default: 0] += devices }
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

    /// What changes inside: of the differences of most devices, as far as the budget goes.
    mutating func inside() -> [Plan.Inside] {
        var parts: [String: [ValueDifference.Part: Int]] = [:]
        var unread: [String: Int] = [:]
        for change in settingChanges {
            guard let setting = catalog.settings[change.key] else { continue }
            let size = ValueDifference.size(of: change.before) + ValueDifference.size(of: change.after)
            guard size > 0 else { continue }
            guard budget.spend(size) else {
                unread[change.key, default: 0] += change.devices
                continue
            }
            for part in ValueDifference(of: setting, from: change.before, to: change.after)?.parts ?? [] {
                parts[change.key, default: [:]][part, default: 0] += change.devices
            }
        }
        return Set(parts.keys).union(unread.keys).sorted().map { key in
            let changes = (parts[key] ?? [:]).map { Plan.PartChange(part: $0, devices: $1) }
            return Plan.Inside(key: key, parts: changes.sorted { $0.precedes($1) }, unread: unread[key] ?? 0)
        }
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

extension Plan.PartChange {
    fileprivate func precedes(_ other: Plan.PartChange) -> Bool {
        let kinds = ValueDifference.Part.Kind.allCases
        let (mine, theirs) = (kinds.firstIndex(of: part.kind) ?? 0, kinds.firstIndex(of: other.part.kind) ?? 0)
        if mine != theirs { return mine < theirs }
        if devices != other.devices { return devices > other.devices }
        return part.text.precedesInBytes(other.part.text)
    }
}

extension ValueDifference.Part {
    /// Orders parts by list and name, and two changes of one by what they change.
    fileprivate var text: String {
        let values = fields.flatMap { [$0.before, $0.after] }.map { $0.map(CanonicalWriter.text) ?? "" }
        return ([list ?? "", name.map { $0.string ?? CanonicalWriter.text(of: $0) } ?? ""] + values).joined(
            separator: "\u{0}")
    }
}

extension Plan.SettingChange {
    /// Orders two changes of one setting.
    fileprivate var text: String {
        [before, after].map { $0.map(CanonicalWriter.text) ?? "" }.joined(separator: " ")
    }
}
