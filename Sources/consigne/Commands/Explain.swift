import ArgumentParser
import SyncCore

/// `consigne explain DEVICE [SETTING]`: each value, who contributed, who lost and why.
struct Explain: Command {
    static let configuration = CommandConfiguration(abstract: "Who decided what a device must hold.")

    @Argument(help: "A device such as d12.") var device: DeviceID
    @Argument(help: "One setting only.") var setting: String?
    @OptionGroup var past: AtOptions
    @OptionGroup var connection: Connection

    func perform() async throws {
        let json = try await connection.asking { client throws(OperatorClientFailure) in
            try await client.get("/v1/devices/\(device)/explain", [("setting", setting), ("at", past.moment)])
        }
        guard connection.output == .table else { return Terminal.say(json) }
        let settings = (json["settings"]?.object ?? [:]).sorted { $0.key < $1.key }
        guard !settings.isEmpty else {
            return Terminal.say(setting.map { "nobody sets \($0)" } ?? "no policy reaches \(device)")
        }
        if past.at != nil {
            Terminal.say("\(device) in \(json["unit"]?.string ?? "") at log position \(json["at"]?.integer ?? 0)\n")
        }
        Terminal.say(settings.map(Self.describe).joined(separator: "\n"))
    }

    /// Not a matter of layers: edits of one policy that crossed, and that nobody has decided on.
    private static func conflict(_ conflict: JSONValue?) -> [String] {
        guard let conflict, let policy = conflict["policy"]?.string else { return [] }
        return (conflict["siblings"]?.array ?? []).map { sibling in
            "      open conflict in \(policy): \(sibling["author"]?.string ?? "somebody") wrote "
                + "\(ConflictText.value(sibling)) at \(sibling["seq"]?.integer ?? 0) without having seen this "
                + "(consigne conflicts)"
        }
    }

    private static func describe(_ key: String, _ setting: JSONValue) -> String {
        let value = setting["value"].map(CanonicalWriter.text) ?? "(not set)"
        var lines = ["\(key) = \(Cell.cut(value))   [\(setting["strategy"]?.string ?? "")]"]
        if let clamp = setting["clampedBy"]?.string { lines.append("    limited by \(clamp)") }
        for contributor in setting["contributors"]?.array ?? [] {
            let isLost = contributor["lost"] != nil
            var line =
                "  \(isLost ? "-" : "+") \(contributor["policy"]?.string ?? "") (\(contributor["layer"]?.string ?? "")"
            if contributor["enforced"] == .bool(true) { line += ", enforced" }
            line += ") says \(Cell.text(of: contributor["value"]))"
            if let author = contributor["author"]?.string {
                line +=
                    ", by \(author) at \(contributor["seq"]?.integer ?? 0), "
                    + Time.text(of: contributor["received"])
            }
            if let reason = contributor["lost"]?.string { line += "\n      lost: \(reason)" }
            lines.append(line)
            lines += conflict(contributor["conflict"])
        }
        if let user = setting["user"] {
            let held = user["inForce"].map { Cell.text(of: $0) } ?? "(not set)"
            lines.append("  its user set \(Cell.text(of: user["value"])); on the device \(held) holds")
        }
        for violation in setting["violations"]?.array ?? [] {
            let policies = (violation["policies"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
            lines.append(
                "  ! record \(Cell.text(of: violation["record"])) breaks \(violation["constraint"]?.string ?? ""): its "
                    + "destructive side is left out; made by \(policies)")
        }
        return lines.joined(separator: "\n")
    }
}
