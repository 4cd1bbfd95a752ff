import ArgumentParser
import Foundation
import SyncClient
import SyncCore

struct PoliciesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policies", abstract: "Policies, each owned by a unit.",
        subcommands: [
            List.self, Get.self, Put.self, Import.self, PolicyHistory.self, PolicyDiff.self, PolicyRollback.self,
        ], defaultSubcommand: List.self)

    struct List: Command {
        static let configuration = CommandConfiguration(
            abstract: "List the policies of a unit, those below it and above it.")

        @Option(help: "The unit; yours by default.") var under: OrgPath?
        @OptionGroup var past: AtOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            try await connection.show("/v1/policies", [("under", under?.text), ("at", past.moment)]) { json in
                Table.of(
                    json["policies"],
                    [("POLICY", "policy"), ("ID", "id"), ("SETTINGS", "settings"), ("REVISION", "revision")])
            }
        }
    }

    struct Get: Command {
        static let configuration = CommandConfiguration(abstract: "Print a policy, in the form that can be put again.")

        @Argument(help: ArgumentHelp("A policy such as /gendarmerie:baseline.", valueName: "policy"))
        var policy: PolicyReference
        @OptionGroup var past: AtOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            let json = try await connection.asking { client throws(OperatorClientFailure) in
                try await client.get("/v1/policy", [("name", policy.description), ("at", past.moment)])
            }
            guard connection.output == .table else { return Terminal.say(json) }
            var body = json["body"]?.object ?? [:]
            body["base"] = .string("\(json["epoch"]?.integer ?? 0).\(json["revision"]?.integer ?? 0)")
            Terminal.say(.object(body))
            for conflict in json["conflicts"]?.array ?? [] { Terminal.complain(ConflictText.open(conflict)) }
        }
    }

    struct Put: Command {
        static let configuration = CommandConfiguration(
            abstract: "Write a policy from a file: it becomes exactly that.",
            discussion:
                """
                JSON, or YAML by the file's ending: {"settings": {...}, "enforced": [...]}, or an AMAPI body. What others \
                wrote since you looked is not undone: a file from `policies get` says what you had seen. Any other file \
                is taken as yours: what you wrote and leave out now goes, what others wrote stays. Where others changed the \
                same setting, nothing is done and both are shown.
                """)

        @Argument(help: "A policy such as /gendarmerie:baseline.") var policy: PolicyReference
        @Argument(help: "The file, or - for JSON on standard input.") var file: String
        @OptionGroup var change: ChangeOptions
        @OptionGroup var conflicts: ConflictOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            let edit = try await PolicyFile(file).put(policy, over: connection)
            try await connection.change([edit], change, mode: conflicts.mode) { _ in "\(policy) written" }
        }
    }

    struct Import: Command {
        static let configuration = CommandConfiguration(
            abstract: "Write one policy a file, named after it, all or none.",
            discussion: "Takes AMAPI bodies as they are; deprecated fields are migrated, and told.")

        @Argument(help: "The unit that will own them.") var unit: OrgPath
        @Argument(help: "The files.") var files: [String]
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            var edits: [Edit] = []
            var named: [PolicyReference: String] = [:]
            for file in files {
                let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent.lowercased()
                guard let reference = PolicyReference(owner: unit, name: name) else {
                    throw Failure(
                        .dataRefused, "\(file): found the name \"\(name)\", expected \(OperatorName.expected)")
                }
                if let other = named.updateValue(file, forKey: reference) {
                    throw Failure(.dataRefused, "\(other) and \(file) are both \(reference); nothing was done")
                }
                edits.append(try await PolicyFile(file).put(reference, over: connection))
            }
            try await connection.change(edits, change) { _ in "\(edits.count) policies written" }
        }
    }
}
