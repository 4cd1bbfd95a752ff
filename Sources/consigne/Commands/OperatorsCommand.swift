import ArgumentParser
import Foundation
import SyncClient
import SyncCore

struct OperatorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operators", abstract: "Who may do what, and where.",
        subcommands: [List.self, Create.self, Revoke.self, Me.self], defaultSubcommand: List.self)

    struct List: Command {
        static let configuration = CommandConfiguration(abstract: "List operators.")

        @Option(help: "Only this unit and those below it.") var under: OrgPath?
        @OptionGroup var connection: Connection

        func perform() async throws {
            try await connection.show("/v1/operators", [("under", under?.text)]) { json in
                Table.of(json["operators"], [("OPERATOR", "operator"), ("ROLE", "role"), ("UNIT", "unit")])
            }
        }
    }

    struct Create: Command {
        static let configuration = CommandConfiguration(
            abstract: "Appoint an operator to a unit.",
            discussion: "His token is made here and goes to a file that only you can read; the server gets its hash.")

        @Argument var name: OperatorName
        @Option(help: "viewer, editor or admin.") var role: Role
        @Option(help: "The unit he acts in, and below.") var unit: OrgPath
        @Option(help: "The file for his token.") var tokenOut: String
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            let appointed = Operator(name: name, role: role, unit: unit)
            let handOut = {
                let token = Secret.make()
                return HandOut(secrets: token + "\n", edits: [.appoint(appointed, tokenHash: Secret.hash(token))])
            }
            try await connection.handOut(handOut, to: tokenOut, change) { _ in
                "\(name) is \(role.rawValue) of \(unit), the token is in \(tokenOut)"
            }
        }
    }

    struct Revoke: Command {
        static let configuration = CommandConfiguration(abstract: "Dismiss an operator; his token opens nothing more.")

        @Argument var name: OperatorName
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            try await connection.change([.dismiss(name)], change) { _ in "\(name) dismissed" }
        }
    }

    struct Me: Command {
        static let configuration = CommandConfiguration(abstract: "Who you are to the server.")

        @OptionGroup var connection: Connection

        func perform() async throws {
            try await connection.show("/v1/me") { json in
                Table.of(.array([json]), [("OPERATOR", "operator"), ("ROLE", "role"), ("UNIT", "unit")])
            }
        }
    }
}
