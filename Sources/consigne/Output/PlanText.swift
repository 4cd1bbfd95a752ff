import SyncCore

/// A plan as an operator reads it.
struct PlanText {
    private static let unitsListed = 10
    private static let rowsListed = 60
    private static let contestsListed = 20

    let text: String

    /// - Parameter isFull: whether everything is listed that the server tells.
    init(_ plan: JSONValue, policy: PolicyReference, isFull: Bool = false) {
        let reached = plan["reached"]?.integer ?? 0
        let changed = plan["changed"]?.integer ?? 0
        let (seq, hash) = (plan["seq"]?.integer ?? 0, plan["hash"].map(Cell.whole) ?? "")
        var lines = ["Plan for \(policy) at log position \(seq)", "  apply exactly this: --plan \(seq).\(hash)"]
        lines.append("  \(Self.devices(reached)) reached, the effective policy of \(changed) changes")
        lines += Self.units(plan["units"]?.array ?? [], isFull)
        lines += Self.settings(plan, isFull)
        for inside in plan["inside"]?.array ?? [] { lines += Self.inside(inside, isFull) }
        let removed = (plan["removed"]?.array ?? []).map(Cell.whole)
        if !removed.isEmpty { lines.append("  taken out: " + removed.joined(separator: ", ")) }
        lines += Self.contests(plan, isFull)
        lines += (plan["notes"]?.array ?? []).map { "  note: \(Cell.whole($0))" }
        text = lines.joined(separator: "\n")
    }

    private static func settings(_ plan: JSONValue, _ isFull: Bool) -> [String] {
        let all = plan["settings"]?.array ?? []
        let rows = (isFull ? all : Array(all.prefix(rowsListed))).map { setting in
            [
                "  " + Cell.whole(setting["key"]), Cell.text(of: setting["devices"]),
                ValueText.summary(setting, "before", unset: "(not set)"),
                ValueText.summary(setting, "after", unset: "(no longer set)"),
            ]
        }
        guard !rows.isEmpty else { return [] }
        let more = Int(plan["differences"]?.integer ?? Int64(all.count)) - rows.count
        return [Table(headings: ["  SETTING", "DEVICES", "BEFORE", "AFTER"], rows: rows).text]
            + (more > 0 ? ["  and \(more) more: --full shows \(all.count) in all"] : [])
    }

    /// Which records come, go or change.
    private static func inside(_ inside: JSONValue, _ isFull: Bool) -> [String] {
        let unread = inside["unread"]?.integer ?? 0
        let title =
            "  inside \(Cell.whole(inside["key"])): \(PartText.counts(inside))"
            + (unread > 0 ? "; values of \(devices(unread)) were not compared" : "")
        let more = inside["more"]?.integer ?? 0
        return [title] + PartText.lines(inside["parts"]?.array ?? [], indent: "    ", isFull: isFull)
            + (more > 0 ? ["    and \(more) more, which the server does not list"] : [])
    }

    /// What has no effect and why, and where policies disagree.
    private static func contests(_ plan: JSONValue, _ isFull: Bool) -> [String] {
        let all = plan["contested"]?.array ?? []
        let groups: [(String, [JSONValue])] = [
            ("  NO EFFECT, another policy decides:", all.filter { loses($0["sides"]) }),
            (
                "  NO EFFECT IN SOME PARTS, another policy decides:",
                all.filter { $0["noEffect"] == .bool(true) && !loses($0["sides"]) }
            ),
            ("  also set by others:", all.filter { $0["noEffect"] != .bool(true) }),
        ]
        let untold = Int(plan["contests"]?.integer ?? 0) - all.count
        return groups.filter { !$0.1.isEmpty }.flatMap { title, contests in
            let shown = isFull ? contests : Array(contests.prefix(contestsListed))
            let more = contests.count - shown.count
            return [title] + shown.flatMap { contest($0, isFull) } + (more > 0 ? ["    and \(more) more: --full"] : [])
        } + (untold > 0 ? ["  and \(untold) more settings, which the server does not list"] : [])
    }

    /// Whether what the change says has no part in the result at all.
    private static func loses(_ sides: JSONValue?) -> Bool {
        (sides?.array ?? []).contains { $0["yours"] == .bool(true) && $0["lost"] != nil }
    }

    private static func contest(_ contest: JSONValue, _ isFull: Bool) -> [String] {
        let value = ValueText.summary(contest, "value", unset: "(not set)")
        var line = "    \(Cell.whole(contest["key"])) = \(value) for \(devices(contest["devices"]?.integer ?? 0))"
        line += "   [\(Cell.whole(contest["strategy"]))]"
        if contest["byEnforcement"] == .bool(true) { line += ", by enforcement" }
        if contest["clampedBy"] != nil { line += ", limited by \(Cell.whole(contest["clampedBy"]))" }
        let parts = contest["parts"]?.array ?? []
        let shown = isFull ? parts : Array(parts.prefix(contestsListed))
        let more = Int(contest["partCount"]?.integer ?? 0) - shown.count
        return [line] + (contest["sides"]?.array ?? []).map { SideText.line($0, indent: "      ") }
            + shown.flatMap(part) + (more > 0 ? ["      and \(more) more parts: --full"] : [])
    }

    private static func part(_ part: JSONValue) -> [String] {
        let place = PartText.name(part) + (part["field"].map { " " + Cell.whole($0) } ?? "")
        let value = ValueText.summary(part, "value", unset: "(left out)")
        return ["      \(place) = \(value)"]
            + (part["sides"]?.array ?? []).map { SideText.line($0, indent: "        ") }
    }

    private static func devices(_ count: Int64) -> String { ValueText.count(Int(count), "device") }

    /// The largest units.
    private static func units(_ units: [JSONValue], _ isFull: Bool) -> [String] {
        let sorted = units.map { (Cell.whole($0["unit"]), $0["devices"]?.integer ?? 0) }
            .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
        let lines = sorted.prefix(isFull ? sorted.count : unitsListed).map { "    \($0): \($1)" }
        let more = sorted.count - lines.count
        return more > 0 ? lines + ["    and \(more) more units"] : lines
    }
}

/// What one policy says, and what becomes of it: `+` before what counts, `-` before what does not.
enum SideText {
    static func line(_ side: JSONValue, indent: String) -> String {
        let loss = side["lost"].map(Cell.whole)
        return "\(indent)\(loss == nil ? "+" : "-") " + who(side)
            + " says \(ValueText.summary(side, "value", unset: "nothing"))"
            + (loss.map { ": \($0)" } ?? "")
    }

    /// `/gendarmerie:lock (agency, enforced)`.
    static func who(_ side: JSONValue) -> String {
        Cell.whole(side["policy"]) + " (\(Cell.whole(side["layer"]))"
            + (side["enforced"] == .bool(true) ? ", enforced" : "") + ")"
    }
}
