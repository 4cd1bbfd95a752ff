import ArgumentParser
import Foundation
import SyncCore

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
    @OptionGroup var consent: ConsentOptions
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
        let planned = PlannedChange(edits: edits, change: change, mode: conflicts.mode, consent: consent)
        try await planned.perform(over: connection, of: reference) { "\(reference) pushed" }
    }

    private func reference() throws -> PolicyReference {
        if let policy { return policy }
        let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent.lowercased()
        guard let to = target.to, let reference = PolicyReference(owner: to, name: name) else {
            throw Failure(.dataRefused, "--as must name the policy, \(PolicyReference.expected)")
        }
        return reference
    }
}
