import ArgumentParser
import Foundation
import SyncClient
import SyncCore
import SyncProtocol

/// A change that is shown before it is done, and bound to what was shown.
struct PlannedChange {
    let policy: PolicyReference
    let edits: [Edit]
    let change: ChangeOptions
    let mode: ConflictMode
    let consent: ConsentOptions
    let connection: Connection
    /// What was done, in words.
    let sentence: String
    /// Whether the plan is shown to its last line.
    var isFull = false

    /// Shows the plan, asks, and does it.
    func perform() async throws {
        let asked = request(plan: nil)
        let plan = try await connection.asking { client throws(OperatorClientFailure) in try await client.plan(asked) }
        if connection.output == .json, consent.dryRun { return Terminal.say(plan) }
        let text = PlanText(plan, policy: policy, isFull: isFull).text
        guard !consent.dryRun else { return Terminal.say(text) }
        Terminal.complain(text)
        guard consent.yes || Self.confirm() else { throw Failure(.dataRefused, "nothing was done") }
        guard let seq = plan["seq"]?.integer, let hash = plan["hash"]?.string.flatMap({ Digest($0) }) else {
            throw Failure(.protocolUnknown, "the plan has no seq or hash")
        }
        try await apply(ChangeRequest.PlanReference(seq: Seq(seq), hash: hash), intent: asked.intent)
    }

    /// Does what a plan showed, or nothing.
    func apply(_ plan: ChangeRequest.PlanReference, intent: String? = nil) async throws {
        let bound = request(plan: plan, intent: intent)
        let receipt = try await connection.asking { client throws(OperatorClientFailure) in
            try await client.change(bound)
        }
        connection.report(receipt) { _ in sentence }
    }

    private func request(plan: ChangeRequest.PlanReference?, intent: String? = nil) -> ChangeRequest {
        ChangeRequest(
            intent: intent ?? change.intentOrNew, reason: change.reason, mode: mode, edits: edits, plan: plan)
    }

    private static func confirm() -> Bool {
        guard isatty(STDIN_FILENO) == 1 else {
            Terminal.complain("not a terminal: say --yes to do it, or --dry-run to see it only")
            return false
        }
        return ["y", "yes", "o", "oui"].contains(Terminal.ask("Do it? [y/N] "))
    }
}

/// Whether a plan that was shown is carried out.
struct ConsentOptions: ParsableArguments {
    @Flag(help: "Do it without asking.") var yes = false
    @Flag(help: "Show the plan and do nothing.") var dryRun = false

    init() {}

    init(yes: Bool, dryRun: Bool) {
        self.yes = yes
        self.dryRun = dryRun
    }
}
