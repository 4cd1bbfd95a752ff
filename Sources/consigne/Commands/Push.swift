import ArgumentParser
import Foundation
import SyncClient
import SyncCore
import SyncProtocol

/// `consigne push FILE --to /unit`: shows what it would do, asks, writes and binds the policy in one change set.
struct Push: Command {
    static let configuration = CommandConfiguration(
        abstract: "Put a policy and bind it, after showing what that changes.",
        discussion: """
            The change is bound to the plan it showed: if something else would happen by then, nothing does. The \
            policy is named after the file unless --as says otherwise.
            """)

    @Argument(help: "The policy's file: JSON, or YAML by its ending.") var file: String
    @OptionGroup var target: TargetOptions
    @Option(name: .customLong("as"), help: "The policy's name, such as /gendarmerie:baseline.")
    var policy: PolicyReference?
    @Flag(help: "Do it without asking.") var yes = false
    @Flag(help: "Show the plan and do nothing.") var dryRun = false
    @OptionGroup var change: ChangeOptions
    @OptionGroup var conflicts: ConflictOptions
    @OptionGroup var connection: Connection

    func perform() async throws {
        let place = try target.target()
        let reference = try reference()
        let edits: [Edit] = [
            try await PolicyFile(file).put(reference, over: connection),
            .bind(reference, place, try target.parsedSelector()),
        ]
        let intent = change.intentOrNew
        let asked = ChangeRequest(intent: intent, reason: change.reason, mode: conflicts.mode, edits: edits)
        let plan = try await connection.asking { client throws(OperatorClientFailure) in try await client.plan(asked) }
        if connection.output == .json && dryRun { return print(PrettyJSON.text(of: plan)) }
        Terminal.complain(PlanText(plan, policy: reference).text)
        guard !dryRun else { return }
        guard yes || Self.confirm() else { throw Failure(.dataRefused, "nothing was done") }
        guard let seq = plan["seq"]?.integer, let hash = plan["hash"]?.string.flatMap({ Digest($0) }) else {
            throw Failure(.protocolUnknown, "the plan has no seq or hash")
        }
        let bound = ChangeRequest(
            intent: intent, reason: change.reason, mode: conflicts.mode, edits: edits,
            plan: ChangeRequest.PlanReference(seq: Seq(seq), hash: hash))
        let receipt = try await connection.asking { client throws(OperatorClientFailure) in
            try await client.change(bound)
        }
        connection.report(receipt) { _ in "\(reference) pushed" }
    }

    private func reference() throws -> PolicyReference {
        if let policy { return policy }
        let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent.lowercased()
        guard let to = target.to, let reference = PolicyReference(owner: to, name: name) else {
            throw Failure(.dataRefused, "--as must name the policy, \(PolicyReference.expected)")
        }
        return reference
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
