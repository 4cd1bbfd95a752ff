import ArgumentParser
import Foundation
import SyncClient
import SyncCore

struct TokensCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens", abstract: "Tokens that enrol devices.",
        subcommands: [List.self, Issue.self, Revoke.self], defaultSubcommand: List.self)

    struct List: Command {
        static let configuration = CommandConfiguration(
            abstract: "List enrolment tokens; the tokens themselves are nowhere.")

        @Option(help: "Only this unit and those below it.") var under: OrgPath?
        @OptionGroup var connection: Connection

        func perform() async throws {
            try await connection.show("/v1/tokens", [("under", under?.text)]) { json in
                Table.of(
                    json["tokens"],
                    [
                        ("TOKEN", "token"), ("UNIT", "unit"), ("TAGS", "tags"), ("USES", "uses"), ("LEFT", "left"),
                        ("STATE", "state"), ("EXPIRES", "expires"),
                    ])
            }
        }
    }

    struct Issue: Command {
        static let configuration = CommandConfiguration(
            abstract: "Make a token that enrols devices into a unit.",
            discussion: "The token is made here and goes to a file that only you can read; the server gets its hash.")

        @Argument(help: "The unit that devices enrol into.") var unit: OrgPath
        @Option(help: "How many devices it may enrol.") var uses = 1
        @Option(help: "How long it may be used: 30m, 12h, 7d.") var expires = "7d"
        @Option(name: .customLong("tag"), help: "A tag for the devices; may be said again.") var tags: [Tag] = []
        @Option(help: "The file for the token.") var tokenOut: String
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            let deadline = Int64(Date().timeIntervalSince1970 * 1_000) + (try Parse.milliseconds(expires))
            let handOut = {
                let token = Secret.make()
                let grant = EnrolmentToken(
                    hash: Secret.hash(token), unit: unit, tags: Set(tags), uses: uses, expires: deadline)
                return HandOut(secrets: token + "\n", edits: [.issueToken(grant)])
            }
            try await connection.handOut(handOut, to: tokenOut, change) { receipt in
                "\(receipt.createdName) issued, the token is in \(tokenOut)"
            }
        }
    }

    struct Revoke: Command {
        static let configuration = CommandConfiguration(abstract: "Stop a token; devices it enrolled stay.")

        @Argument var token: TokenID
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            try await connection.change([.revokeToken(token)], change) { _ in "\(token) revoked" }
        }
    }
}
