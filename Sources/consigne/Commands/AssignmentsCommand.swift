import ArgumentParser
import Foundation
import SyncCore

struct AssignmentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assignments", abstract: "Which policy applies where.",
        subcommands: [List.self, Bind.self, Unbind.self], defaultSubcommand: List.self)

    struct List: Command {
        static let configuration = CommandConfiguration(
            abstract: "List what is bound at a unit, below it and above it.")

        @Option(help: "The unit; yours by default.") var under: OrgPath?
        @OptionGroup var past: AtOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            try await connection.show("/v1/assignments", [("under", under?.text), ("at", past.moment)]) { json in
                Table(
                    headings: ["ASSIGNMENT", "POLICY", "LAYER", "UNIT", "SELECTOR", "DEVICE", "INCIDENT UNTIL"],
                    rows: (json["assignments"]?.array ?? []).map { row in
                        ["assignment", "policy", "layer", "unit", "selector", "device"].map { Cell.text(of: row[$0]) }
                            + [Time.text(of: row["incidentUntil"])]
                    })
            }
        }
    }

    struct Bind: Command {
        static let configuration = CommandConfiguration(
            abstract: "Bind a policy to a unit, to some of its devices, or to one device.")

        @Argument(help: "A policy such as /gendarmerie:baseline.") var policy: PolicyReference
        @OptionGroup var target: TargetOptions
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            let edit = try target.bind(policy)
            try await connection.change([edit], change) { receipt in "\(policy) bound as \(receipt.createdName)" }
        }
    }

    struct Unbind: Command {
        static let configuration = CommandConfiguration(abstract: "Take a binding back.")

        @Argument(help: "An assignment such as a12.") var assignment: AssignmentID
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            try await connection.change([.unbind(assignment)], change) { _ in "\(assignment) unbound" }
        }
    }
}

/// Where a policy is bound.
struct TargetOptions: ParsableArguments {
    @Option(help: "The unit.") var to: OrgPath?
    @Option(help: "One device such as d12, instead of a unit.") var device: DeviceID?
    @Option(help: "Only devices with these tags and facts: patrol,!spare,fact.apiLevel<33") var selector: String?

    func target() throws -> Assignment.Target {
        switch (to, device) {
        case (let path?, nil): return .unit(path)
        case (nil, let id?) where selector == nil: return .device(id)
        default: throw ValidationError("expected --to with a unit, or --device alone")
        }
    }

    @Option(
        help: ArgumentHelp(
            "Bind as an incident, above every other layer, for 12h or until 2026-11-24T08:00:00Z: then it ends by itself.",
            valueName: "time"))
    var incident: String?

    func bind(_ policy: PolicyReference) throws -> Edit {
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        let end = try incident.map { text in
            try Timestamp(text)?.milliseconds ?? now + Parse.milliseconds(text)
        }
        return .bind(policy, try target(), try parsedSelector(), incidentUntil: end)
    }

    private func parsedSelector() throws -> Selector? { try selector.map(Parse.selector) }
}
