import ArgumentParser
import SyncCore

/// `consigne status`: how the fleet stands, proven by what devices reported.
struct Status: Command {
    static let configuration = CommandConfiguration(
        abstract: "How many devices hold what they must, what they cannot honour, and what waits for a decision.",
        discussion: "The devices behind a figure: consigne devices --standing failed, --non-compliant SETTING, "
            + "--silent-for 7d.")

    @Option(help: "Only this unit and those below it.") var under: OrgPath?
    @Option(help: "Only devices that this policy reaches, and settings that it sets.") var policy: PolicyReference?
    @Option(help: "Count also those that were silent so long: 30m, 12h, 7d.") var silentFor: String?
    @OptionGroup var connection: Connection

    func perform() async throws {
        let query = [
            ("under", under?.text), ("policy", policy?.description), ("silentFor", try silentFor.map(Parse.seconds)),
        ]
        let json = try await connection.asking { client throws(OperatorClientFailure) in
            try await client.get("/v1/status", query)
        }
        guard connection.output == .table else { return Terminal.say(json) }
        Terminal.say(Self.text(of: json))
    }

    private static func text(of json: JSONValue) -> String {
        let place = [json["policy"]?.string.map { "\($0) in" }, json["under"]?.string].compactMap { $0 }
        var lines = ["\(place.joined(separator: " ")) at log position \(json["seq"]?.integer ?? 0)"]
        func add(_ name: String, _ text: String) { lines.append("  " + name.padded(to: 16) + text) }
        if json["policy"] == nil {
            add("devices", counts(json["devices"], ["enrolled", "provisioned", "revoked", "retired"]))
        }
        add(
            json["policy"] == nil ? "enrolled" : "reached",
            counts(json["standing"], ["in sync", "in sync with non-compliance", "pending", "failed", "silent"]))
        for line in json["nonCompliance"]?.array ?? [] {
            let setting = line["setting"]?.string ?? "(not in the catalog)"
            add("cannot honour", "\(setting): \(line["devices"]?.integer ?? 0) \(line["reason"]?.string ?? "")")
        }
        for line in json["failures"]?.array ?? [] {
            add("failed", "\(line["reason"]?.string ?? ""): \(line["devices"]?.integer ?? 0)")
        }
        let silent = (json["silent"]?.array ?? []).map { line in
            "\(line["devices"]?.integer ?? 0) for \(Time.span(seconds: line["seconds"]?.integer ?? 0))"
        }
        add("not heard of", silent.joined(separator: ", "))
        if json["policy"] == nil { add("policies", "\(json["policies"]?.integer ?? 0)") }
        let conflicts = json["conflicts"]?.integer ?? 0
        add("conflicts", "\(conflicts)\(conflicts > 0 ? "   (consigne conflicts)" : "")")
        if let floor = json["floor"]?.integer { add("the log", "kept from position \(floor) on") }
        return lines.joined(separator: "\n")
    }

    private static func counts(_ json: JSONValue?, _ names: [String]) -> String {
        names.map { "\(json?[$0]?.integer ?? 0) \($0)" }.joined(separator: ", ")
    }
}
