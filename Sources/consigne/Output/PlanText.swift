import SyncCore

/// A plan as an operator reads it.
struct PlanText {
    private static let unitsListed = 10
    private static let contestsListed = 20

    let text: String

    init(_ plan: JSONValue, policy: PolicyReference) {
        let reached = plan["reached"]?.integer ?? 0
        let changed = plan["changed"]?.integer ?? 0
        let (seq, hash) = (plan["seq"]?.integer ?? 0, plan["hash"]?.string ?? "")
        var lines = ["Plan for \(policy) at log position \(seq)", "  apply exactly this: --plan \(seq).\(hash)"]
        lines.append("  \(Self.devices(reached)) reached, the effective policy of \(changed) changes")
        lines += Self.units(plan["units"]?.array ?? [])
        let rows = (plan["settings"]?.array ?? []).map { setting in
            [
                "  " + Cell.text(of: setting["key"]), Cell.text(of: setting["devices"]),
            ] + Self.difference(setting["before"], setting["after"])
        }
        if !rows.isEmpty {
            lines.append(Table(headings: ["  SETTING", "DEVICES", "BEFORE", "AFTER"], rows: rows).text)
        }
        let removed = (plan["removed"]?.array ?? []).compactMap(\.string)
        if !removed.isEmpty { lines.append("  taken out: " + removed.joined(separator: ", ")) }
        lines += Self.contests(plan)
        lines += (plan["notes"]?.array ?? []).map { "  note: \($0.string ?? "")" }
        text = lines.joined(separator: "\n")
    }

    /// What has no effect and why, and where policies disagree.
    private static func contests(_ plan: JSONValue) -> [String] {
        let all = plan["contested"]?.array ?? []
        let groups: [(String, [JSONValue])] = [
            ("  NO EFFECT, another policy decides:", all.filter { $0["noEffect"] == .bool(true) }),
            ("  also set by others:", all.filter { $0["noEffect"] != .bool(true) }),
        ]
        return groups.filter { !$0.1.isEmpty }.flatMap { title, contests in
            let more = contests.count - contestsListed
            return [title] + contests.prefix(contestsListed).flatMap(contest)
                + (more > 0 ? ["    and \(more) more, in --output json"] : [])
        }
    }

    private static func contest(_ contest: JSONValue) -> [String] {
        let value = contest["value"].map { Cell.text(of: $0) } ?? "(not set)"
        var line = "    \(contest["key"]?.string ?? "") = \(value) for \(devices(contest["devices"]?.integer ?? 0))"
        line += "   [\(contest["strategy"]?.string ?? "")]"
        if contest["byEnforcement"] == .bool(true) { line += ", by enforcement" }
        if let clamp = contest["clampedBy"]?.string { line += ", limited by \(clamp)" }
        return [line]
            + (contest["sides"]?.array ?? []).map { side in
                let loss = side["lost"]?.string
                return
                    "      \(loss == nil ? "+" : "-") \(side["policy"]?.string ?? "") (\(side["layer"]?.string ?? "")"
                    + (side["enforced"] == .bool(true) ? ", enforced" : "") + ") says \(Cell.text(of: side["value"]))"
                    + (loss.map { ": \($0)" } ?? "")
            }
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

    private static func devices(_ count: Int64) -> String { count == 1 ? "1 device" : "\(count) devices" }

    /// The largest units.
    private static func units(_ units: [JSONValue]) -> [String] {
        let sorted = units.map { ($0["unit"]?.string ?? "", $0["devices"]?.integer ?? 0) }
            .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
        let lines = sorted.prefix(unitsListed).map { "    \($0): \($1)" }
        let more = sorted.count - lines.count
        return more > 0 ? lines + ["    and \(more) more units"] : lines
    }
}
