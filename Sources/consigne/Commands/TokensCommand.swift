import ArgumentParser
import Foundation
import SyncClient
import SyncCore

struct TokensCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens", abstract: "Tokens that enrol devices.",
        subcommands: [List.self, Issue.self, Reissue.self, Revoke.self], defaultSubcommand: List.self)

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

    struct Reissue: Command {
        static let configuration = CommandConfiguration(
            abstract: "Make a new token for each of some delivered or revoked terminals.",
            discussion: """
                For a token that was lost in staging or has expired, and for a terminal that comes back. It enrols that \
                terminal alone, once; the one it had opens nothing more. An enrolled terminal is revoked first.
                """)

        @Argument(help: "Devices such as d12.") var devices: [DeviceID]
        @Option(help: "The file for device,serial,token rows.") var tokensOut: String
        @Option(help: "How long the tokens may be used: 12h, 90d.") var expires = "90d"
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            let deadline = Int64(Date().timeIntervalSince1970 * 1_000) + (try Parse.milliseconds(expires))
            var serials: [String] = []
            for device in devices {
                let shown = try await connection.asking { client throws(OperatorClient.Failure) in
                    try await client.get("/v1/devices/\(device)")
                }
                serials.append(shown["serial"]?.string ?? "")
            }
            let handOut = {
                var generator = SystemRandomNumberGenerator()
                let tokens = devices.map { _ in Secret.make(using: &generator) }
                let rows = zip(zip(devices, serials), tokens).map { "\($0.0),\($0.1),\($1)\n" }
                let edits = zip(devices, tokens).map {
                    Edit.reissueToken($0, hash: Secret.hash($1), expires: deadline)
                }
                return HandOut(secrets: "device,serial,token\n" + rows.joined(), edits: edits)
            }
            try await connection.handOut(handOut, to: tokensOut, change) { _ in
                "\(devices.count) tokens issued again, they are in \(tokensOut)"
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
