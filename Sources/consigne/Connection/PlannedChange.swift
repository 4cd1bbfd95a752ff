import ArgumentParser
import Foundation
import SyncClient
import SyncCore
import SyncProtocol

/// A change that is shown before it is done, and bound to what was shown.
struct PlannedChange {
    let edits: [Edit]
    let change: ChangeOptions
    let mode: ConflictMode
    let consent: ConsentOptions

    /// Shows the plan, asks, and does it.
    func perform(over connection: Connection, of policy: PolicyReference, _ sentence: () -> String) async throws {
        let intent = change.intentOrNew
        let asked = ChangeRequest(intent: intent, reason: change.reason, mode: mode, edits: edits)
        let plan = try await connection.asking { client throws(OperatorClientFailure) in try await client.plan(asked) }
        if connection.output == .json && consent.dryRun { return print(PrettyJSON.text(of: plan)) }
        Terminal.complain(PlanText(plan, policy: policy).text)
        guard !consent.dryRun else { return }
        guard consent.yes || Self.confirm() else { throw Failure(.dataRefused, "nothing was done") }
        guard let seq = plan["seq"]?.integer, let hash = plan["hash"]?.string.flatMap({ Digest($0) }) else {
            throw Failure(.protocolUnknown, "the plan has no seq or hash")
        }
        let bound = ChangeRequest(
            intent: intent, reason: change.reason, mode: mode, edits: edits,
            plan: ChangeRequest.PlanReference(seq: Seq(seq), hash: hash))
        let receipt = try await connection.asking { client throws(OperatorClientFailure) in
            try await client.change(bound)
        }
        connection.report(receipt) { _ in sentence() }
    }

    private static func confirm() -> Bool {
        guard isatty(STDIN_FILENO) == 1 else {
            Terminal.complain("not a terminal: say --yes to do it, or --dry-run to see it only")
            return false
        }
        FileHandle.standardError.write(Data("Do it? [y/N] ".utf8))
        return ["y", "yes", "o", "oui"].contains(readLine()?.lowercased() ?? "")
    }
}

/// Whether a plan that was shown is carried out.
struct ConsentOptions: ParsableArguments {
    @Flag(help: "Do it without asking.") var yes = false
    @Flag(help: "Show the plan and do nothing.") var dryRun = false
}
