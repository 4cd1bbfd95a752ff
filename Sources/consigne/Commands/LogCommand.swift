import ArgumentParser
import SyncCore

struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "What was decided, in order.", subcommands: [Tail.self],
        defaultSubcommand: Tail.self)

    struct Tail: Command {
        static let configuration = CommandConfiguration(abstract: "Print the log's transactions after a position.")

        @Option(help: "Print what comes after this position; the last 50 entries by default.") var since: Int?
        @Option(help: "Transactions at most.") var limit = 100
        @OptionGroup var connection: Connection

        func perform() async throws {
            let json = try await connection.asking { client throws(OperatorClientFailure) in
                var start = since
                if start == nil {
                    let head = try await client.get("/v1/log", [("limit", "1")])["head"]?.integer ?? 0
                    start = max(0, Int(head) - 50)
                }
                return try await client.get("/v1/log", [("after", start.map(String.init)), ("limit", String(limit))])
            }
            connection.show(json) { json in
                let rows = (json["transactions"]?.array ?? []).flatMap { transaction in
                    (transaction["entries"]?.array ?? []).map { entry in
                        [
                            Cell.text(of: entry["seq"]), Time.text(of: transaction["received"]),
                            Cell.text(of: transaction["author"]), Cell.text(of: entry["subject"]),
                            Cell.text(of: entry["key"]),
                            entry["op"] == .string("remove") ? "removed" : Cell.text(of: entry["value"]),
                            Cell.text(of: entry["outcome"]),
                        ]
                    }
                }
                var table = Table(
                    headings: ["SEQ", "TIME", "AUTHOR", "SUBJECT", "KEY", "VALUE", "OUTCOME"], rows: rows)
                let (next, head) = (json["next"]?.integer ?? 0, json["head"]?.integer ?? 0)
                if next < head { table.footer = "more: --since \(next)" }
                return table
            }
        }
    }
}
