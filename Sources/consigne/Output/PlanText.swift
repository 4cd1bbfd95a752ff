import SyncCore

/// A plan as an operator reads it.
struct PlanText {
    private static let unitsListed = 10

    let text: String

    init(_ plan: JSONValue, policy: PolicyReference) {
        let reached = plan["reached"]?.integer ?? 0
        let changed = plan["changed"]?.integer ?? 0
        var lines = ["Plan for \(policy) at log position \(plan["seq"]?.integer ?? 0)"]
        lines.append("  \(reached) devices reached, the effective policy of \(changed) changes")
        lines += Self.units(plan["units"]?.array ?? [])
        let rows = (plan["settings"]?.array ?? []).map { setting in
            [
                "  " + Cell.text(of: setting["key"]), Cell.text(of: setting["devices"]),
            ] + Self.difference(setting["before"], setting["after"])
        }
        if !rows.isEmpty {
            lines.append(Table(headings: ["  SETTING", "DEVICES", "BEFORE", "AFTER"], rows: rows).text)
        }
        lines += (plan["notes"]?.array ?? []).map { "  note: \($0.string ?? "")" }
        text = lines.joined(separator: "\n")
    }

    /// Before and after; of two lists only what goes and what comes.
    private static func difference(_ before: JSONValue?, _ after: JSONValue?) -> [String] {
        guard let old = before?.array, let new = after?.array else {
            return [
                before == nil ? "(not set)" : Cell.text(of: before),
                after == nil ? "(no longer set)" : Cell.text(of: after),
            ]
        }
        let gone = old.filter { !new.contains($0) }
        let come = new.filter { !old.contains($0) }
        return [
            gone.isEmpty ? "(\(old.count) stay)" : "- " + Cell.text(of: .array(gone)),
            come.isEmpty ? "(none added)" : "+ " + Cell.text(of: .array(come)),
        ]
    }

    /// The largest units.
    private static func units(_ units: [JSONValue]) -> [String] {
        let sorted = units.map { ($0["unit"]?.string ?? "", $0["devices"]?.integer ?? 0) }
            .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
        let lines = sorted.prefix(unitsListed).map { "    \($0): \($1)" }
        let more = sorted.count - lines.count
        return more > 0 ? lines + ["    and \(more) more units"] : lines
    }
}
