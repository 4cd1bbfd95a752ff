import ArgumentParser
import SyncClient
import SyncCore

/// A policy as it is, or as it was: `/gendarmerie:lock`, `/gendarmerie:lock@41`, `/gendarmerie:lock@2026-03-03`.
struct PolicyMoment: ExpressibleByArgument {
    let policy: PolicyReference
    let moment: String?

    init?(argument: String) {
        let parts = argument.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let policy = PolicyReference(parts[0]) else { return nil }
        self.policy = policy
        moment = parts.count == 2 ? Parse.moment(parts[1]) : nil
    }

    /// What it says, in the form that can be put.
    func body(over connection: Connection) async throws -> JSONValue {
        let json = try await connection.asking { client throws(OperatorClientFailure) in
            try await client.get("/v1/policy", [("name", policy.description), ("at", moment)])
        }
        return json["body"] ?? .object([:])
    }
}

/// `consigne policies rollback POLICY --to MOMENT`: a new entry like any other, with its own plan.
struct PolicyRollback: Command {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Write a policy as it was, after showing what that changes.",
        discussion: "The log goes on: a rollback is a new change with its own plan, and can be rolled back itself.")

    @Argument(help: "A policy such as /gendarmerie:baseline.") var policy: PolicyReference
    @Option(help: ArgumentHelp("As it was at this log position or time.", valueName: "seq|time")) var to: String
    @OptionGroup var consent: ConsentOptions
    @OptionGroup var detail: DetailOptions
    @OptionGroup var change: ChangeOptions
    @OptionGroup var connection: Connection

    func perform() async throws {
        // Seen first, so that a write that comes between is noticed.
        let base = try await connection.revision(of: policy).seq
        let client = try connection.client()
        let body: JSONValue
        do throws(OperatorClientFailure) {
            let query = [("name", policy.description), ("at", Parse.moment(to))]
            body = try await client.get("/v1/policy", query)["body"] ?? .object([:])
        } catch .refused(let refusal) where refusal.code == "unknown-policy" {
            throw Failure(.dataRefused, "\(policy) did not exist at \(to); to take it out of force, unbind it")
        } catch {
            throw Failure(error)
        }
        var change = change
        change.reason = change.reason ?? "rollback to \(to)"
        let planned = PlannedChange(
            policy: policy, edits: [.putPolicy(policy, body, base: base)], change: change, mode: .strict,
            consent: consent, connection: connection, sentence: "\(policy) is again as it was at \(to)",
            isFull: detail.full)
        try await planned.perform()
    }
}
