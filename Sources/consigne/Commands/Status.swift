import ArgumentParser
import SyncCore

/// `consigne status`: how the fleet stands, proven by what devices reported.
struct Status: Command {
    static let configuration = CommandConfiguration(
        abstract: "How many devices hold what they must, and what waits for a decision.")

    @Option(help: "Only this unit and those below it.") var under: OrgPath?
    @OptionGroup var connection: Connection

    func perform() async throws {
        let json = try await connection.asking { client throws(OperatorClientFailure) in
            try await client.get("/v1/status", [("under", under?.text)])
        }
        guard connection.output == .table else { return print(PrettyJSON.text(of: json)) }
        let conflicts = json["conflicts"]?.integer ?? 0
        print(
            """
            \(json["under"]?.string ?? "") at log position \(json["seq"]?.integer ?? 0)
              devices    \(Self.counts(json["devices"], ["enrolled", "provisioned", "revoked", "retired"]))
              enrolled   \(Self.counts(json["standing"], ["in sync", "pending", "failed", "silent"]))
              policies   \(json["policies"]?.integer ?? 0)
              conflicts  \(conflicts)\(conflicts > 0 ? "   (consigne conflicts)" : "")
            """)
        if let floor = json["floor"]?.integer { print("  the log    kept from position \(floor) on") }
    }

    private static func counts(_ json: JSONValue?, _ names: [String]) -> String {
        names.map { "\(json?[$0]?.integer ?? 0) \($0)" }.joined(separator: ", ")
    }
}
