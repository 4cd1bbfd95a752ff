import ArgumentParser
import Foundation
import SyncClient
import SyncCore

struct OperatorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operators", abstract: "Who may do what, and where.",
        subcommands: [List.self, Create.self, Rotate.self, Revoke.self, Me.self], defaultSubcommand: List.self)

    struct List: Command {
        static let configuration = CommandConfiguration(abstract: "List operators.")

        @Option(help: "Only this unit and those below it.") var under: OrgPath?
        @OptionGroup var connection: Connection

        func perform() async throws {
            try await connection.show("/v1/operators", [("under", under?.text)]) { json in
                Table.of(
                    json["operators"],
                    [("OPERATOR", "operator"), ("ROLE", "role"), ("UNIT", "unit"), ("EXPIRES", "expires")])
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
        @Option(help: "How long his token opens: 12h, 90d; for good where nothing is said.") var expires: String?
        @Option(help: "The file for his token.") var tokenOut: String
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            let appointed = Operator(name: name, role: role, unit: unit, expires: try deadline(expires))
            try await connection.appoint(appointed, tokenOut, change)
        }
    }

    struct Rotate: Command {
        static let configuration = CommandConfiguration(
            abstract: "Give an operator a new token; the old one opens nothing more.",
            discussion: """
                An admin can do it for those of his unit; editors also for themselves, for no longer than their token opens \
                now.
                """)

        @Argument var name: OperatorName
        @Option(help: "How long the new token opens: 12h, 90d; as long as the old one where nothing is said.")
        var expires: String?
        @Option(help: "The file for the new token.") var tokenOut: String
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            let (own, list) = try await connection.asking { client throws(OperatorClient.Failure) in
                (try await client.get("/v1/me"), try await client.get("/v1/operators")["operators"]?.array ?? [])
            }
            guard let known = ([own] + list).first(where: { $0["operator"]?.string == name.text }),
                let role = known["role"]?.string.flatMap(Role.init),
                let unit = known["unit"]?.string.flatMap({ OrgPath($0) })
            else {
                throw Failure(.dataRefused, "unknown-operator: there is no operator \(name) in your part of the tree")
            }
            let appointed = Operator(
                name: name, role: role, unit: unit, expires: try deadline(expires) ?? known["expires"]?.integer)
            try await connection.appoint(appointed, tokenOut, change)
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

/// Milliseconds since 1970 after a time such as 90d; nil where none was said.
private func deadline(_ text: String?) throws -> Int64? {
    try text.map { Int64(Date().timeIntervalSince1970 * 1_000) + (try Parse.milliseconds($0)) }
}

extension Connection {
    fileprivate func appoint(_ appointed: Operator, _ tokenOut: String, _ change: ChangeOptions) async throws {
        let handOut = {
            let token = Secret.make()
            return HandOut(secrets: token + "\n", edits: [.appoint(appointed, tokenHash: Secret.hash(token))])
        }
        try await self.handOut(handOut, to: tokenOut, change) { _ in
            "\(appointed.name) is \(appointed.role.rawValue) of \(appointed.unit), the token is in \(tokenOut)"
        }
    }
}
