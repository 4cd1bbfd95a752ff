import SyncCore

/// Who decided a setting, as an operator reads it.
struct ExplanationText {
    /// The part that was asked for.
    let record: String?
    let isFull: Bool

    func describe(_ key: String, _ setting: JSONValue) -> String {
        let value = setting["value"].map { isFull ? Cell.whole($0) : ValueText.summary($0) } ?? "(not set)"
        var lines = ["\(key.printable()) = \(value)   [\(Cell.whole(setting["strategy"]))]"]
        if setting["clampedBy"] != nil { lines.append("    limited by \(Cell.whole(setting["clampedBy"]))") }
        for contributor in setting["contributors"]?.array ?? [] { lines += describe(contributor) }
        if let user = setting["user"] {
            let held = ValueText.summary(user["inForce"])
            lines.append("  its user set \(ValueText.summary(user["value"])); on the device \(held) holds")
        }
        for violation in setting["violations"]?.array ?? [] {
            let policies = (violation["policies"]?.array ?? []).map(Cell.whole).joined(separator: ", ")
            lines.append(
                "  ! record \(Cell.text(of: violation["record"])) breaks \(Cell.whole(violation["constraint"])): its "
                    + "destructive side is left out; made by \(policies)")
        }
        if let parts = setting["parts"]?.array { lines += describe(parts: parts, more: setting["more"]?.integer ?? 0) }
        return lines.joined(separator: "\n")
    }

    private func describe(_ contributor: JSONValue) -> [String] {
        var line = "  \(contributor["lost"] == nil ? "+" : "-") \(SideText.who(contributor))"
        line += " says \(isFull ? Cell.whole(contributor["value"]) : ValueText.summary(contributor["value"]))"
        if contributor["author"] != nil {
            line +=
                ", by \(Cell.whole(contributor["author"])) at \(contributor["seq"]?.integer ?? 0), "
                + Time.text(of: contributor["received"])
        }
        if contributor["lost"] != nil { line += "\n      lost: \(Cell.whole(contributor["lost"]))" }
        return [line] + conflict(contributor["conflict"])
    }

    /// Not a matter of layers: edits of one policy that crossed, and that nobody has decided on.
    private func conflict(_ conflict: JSONValue?) -> [String] {
        guard let conflict, conflict["policy"] != nil else { return [] }
        return (conflict["siblings"]?.array ?? []).map { sibling in
            "      open conflict in \(Cell.whole(conflict["policy"])): "
                + "\(sibling["author"].map(Cell.whole) ?? "somebody") wrote \(ConflictText.value(sibling)) at "
                + "\(sibling["seq"]?.integer ?? 0) without having seen this (consigne conflicts)"
        }
    }

    /// Record by record. Where nobody asked for one or for all, those that several policies say something else of.
    private func describe(parts: [JSONValue], more: Int64) -> [String] {
        if let record, parts.isEmpty { return ["  nobody says anything of \(record.printable())"] }
        let isWhole = isFull || record != nil
        let chosen = isWhole ? parts : Array(parts.filter { $0["contested"] == .bool(true) }.prefix(PartText.listed))
        let rest = parts.count - chosen.count + Int(more)
        return chosen.flatMap(describe(part:))
            + (rest > 0
                ? ["  and \(ValueText.count(rest, "part")) more: name one, or --full shows all"] : [])
    }

    private func describe(part: JSONValue) -> [String] {
        guard let fields = part["fields"]?.array else {
            return ["  \(PartText.name(part))" + (part["value"] == nil ? "   (left out)" : "")]
                + (part["contributors"]?.array ?? []).map { SideText.line($0, indent: "    ") }
        }
        return ["  \(PartText.name(part))"]
            + fields.flatMap { field in
                [
                    "    \(Cell.whole(field["field"])) = \(ValueText.summary(field["value"], unset: "(left out)"))"
                        + "   [\(Cell.whole(field["strategy"]))]"
                ] + (field["contributors"]?.array ?? []).map { SideText.line($0, indent: "      ") }
            }
    }
}
