import ArgumentParser
import Foundation
import SyncClient
import SyncCore
import SyncProtocol

/// `consigne devices import LOT.csv`.
struct ImportLot: Command {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in a delivered lot: one row a terminal, all or none.",
        discussion: """
            The file is UTF-8 and has the heading serial,model,unit,tags, in any order, and a row a terminal, with commas, \
            semicolons or tabs between; tags have spaces between them. Each terminal gets a one-time token of its own, made here; the file of tokens (serial,token) is for whoever \
            stages the terminals, the server gets hashes.
            """)

    @Argument(help: "The lot's file.") var file: String
    @Option(help: "The file for serial,token rows.") var tokensOut: String
    @Option(help: "How long the tokens may be used: 12h, 90d.") var expires = "90d"
    @OptionGroup var change: ChangeOptions
    @OptionGroup var connection: Connection

    func perform() async throws {
        let lot = try LotFile(file)
        for note in lot.notes { Terminal.complain("note: \(note)") }
        let deadline = Int64(Date().timeIntervalSince1970 * 1_000) + (try Parse.milliseconds(expires))
        let handOut = {
            var generator = SystemRandomNumberGenerator()
            let tokens = lot.rows.map { _ in Secret.make(using: &generator) }
            let provisions = zip(lot.rows, tokens).map { row, token in
                Provision(
                    serial: row.serial, model: row.model, unit: row.unit, tags: row.tags,
                    tokenHash: Secret.hash(token), expires: deadline)
            }
            let list = zip(lot.rows, tokens).map { "\($0.serial),\($1)\n" }.joined()
            return HandOut(secrets: "serial,token\n" + list, edits: [.provision(provisions)])
        }
        try await connection.handOut(handOut, to: tokensOut, change) { _ in
            "\(lot.rows.count) terminals taken in, their tokens are in \(tokensOut)"
        }
    }
}
