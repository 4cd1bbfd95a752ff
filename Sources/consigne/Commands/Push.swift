import ArgumentParser
import Foundation
import SyncCore
import SyncProtocol

/// `consigne push FILE --to /unit`: shows what it would do, asks, writes and binds the policy in one change set.
struct Push: Command {
    static let configuration = CommandConfiguration(
        abstract: "Put a policy and bind it, after showing what that changes.",
        discussion: """
            The change is bound to the plan it showed: if something else would happen by then, nothing does. The \
            policy is named after the file unless --as says otherwise. A policy that is bound there already, to other \
            devices, stays so with --add and moves with --replace.
            """)

    @OptionGroup var push: PushOptions
    @OptionGroup var consent: ConsentOptions

    func perform() async throws { try await push.planned(consent).perform() }
}

/// `consigne plan FILE --to /unit`: shows what a push would do, and nothing else.
struct PlanCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what a push would do, before anything is written.",
        discussion: "Somebody else can read it, and say `consigne apply` with its --plan.")

    @OptionGroup var push: PushOptions

    func perform() async throws { try await push.planned(ConsentOptions(yes: false, dryRun: true)).perform() }
}

/// `consigne apply FILE --to /unit --plan SEQ.HASH`: does what a plan showed, or nothing.
struct Apply: Command {
    static let configuration = CommandConfiguration(
        abstract: "Do exactly what a plan showed.",
        discussion: "If something else would happen by now, nothing does, and the answer says what moved.")

    @OptionGroup var push: PushOptions
    @Option(help: ArgumentHelp("The plan, as `consigne plan` gave it.", valueName: "seq.hash")) var plan: PlanName

    func perform() async throws {
        try await push.planned(ConsentOptions(yes: true, dryRun: false)).apply(plan.reference)
    }
}

/// What a push, its plan and its application say alike.
struct PushOptions: ParsableArguments {
    @Argument(help: "The policy's file: JSON, or YAML by its ending.") var file: String
    @OptionGroup var target: TargetOptions
    @Option(name: .customLong("as"), help: "The policy's name, such as /gendarmerie:baseline.")
    var policy: PolicyReference?
    @Flag(exclusivity: .exclusive) var standing: StandingBinding.Choice?
    @OptionGroup var detail: DetailOptions
    @OptionGroup var change: ChangeOptions
    @OptionGroup var conflicts: ConflictOptions
    @OptionGroup var connection: Connection

    func planned(_ consent: ConsentOptions) async throws -> PlannedChange {
        // What the command line lacks is told before what the file is called.
        _ = try target.target()
        let reference = try reference()
        let bind = try target.bind(reference)
        let put = try await PolicyFile(file).put(reference, over: connection)
        let others = try await StandingBinding.others(than: bind, of: reference, over: connection)
        let unbind = try StandingBinding.replaced(others, standing, of: reference, isSilent: consent.yes)
        return PlannedChange(
            policy: reference, edits: [put] + unbind + [bind], change: change, mode: conflicts.mode, consent: consent,
            connection: connection, sentence: "\(reference) pushed", isFull: detail.full)
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

/// A plan as people hand it on: the log position it was made at, and its hash.
struct PlanName: ExpressibleByArgument {
    let reference: ChangeRequest.PlanReference

    init?(argument: String) {
        let parts = argument.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let seq = Seq(parts[0]), let hash = Digest(parts[1]) else { return nil }
        reference = ChangeRequest.PlanReference(seq: seq, hash: hash)
    }
}
