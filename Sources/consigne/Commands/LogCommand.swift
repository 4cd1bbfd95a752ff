import ArgumentParser
import SyncCore

struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "What was decided, in order.", subcommands: [Tail.self],
        defaultSubcommand: Tail.self)

    struct Tail: Command {
        static let configuration = CommandConfiguration(
            abstract: "Print the log's entries after a position.",
            discussion: """
                With --follow --output json one line is one transaction, or what a page has of a large one (`first` and \
                `last` are those of the whole), and {"bookmark":"EPOCH.SEQ"} ends each page. \
                Given to --since, a bookmark notices a restored backup (log-restored) instead of reading past it.
                """)

        @Option(help: "What comes after this position or bookmark; the last 50 entries by default.")
        var since: Bookmark?
        @Option(help: "Entries a page, at most 1000.") var limit = 100
        @Option(help: "Only subjects that begin so: policy/, device/d12.") var subject: String?
        @Option(help: "Only this author's.") var author: String?
        @Flag(help: "Go on as the log grows.") var follow = false
        @OptionGroup var connection: Connection

        /// How long the server holds an answer back while nothing comes.
        private static let wait = 20

        func perform() async throws {
            var place = try await start()
            var isFirst = true
            repeat {
                let json = try await page(after: place)
                show(json, isFirst: isFirst)
                isFirst = false
                let next = Bookmark(
                    epoch: json["epoch"]?.integer.map { UInt64($0) }, seq: Seq(json["next"]?.integer ?? 0))
                place = next
            } while follow
        }

        private func start() async throws -> Bookmark {
            if let since { return since }
            let json = try await connection.asking { client throws(OperatorClientFailure) in
                try await client.get("/v1/log", [("limit", "1")])
            }
            let start = (json["head"]?.integer ?? 0) - 50
            return Bookmark(epoch: nil, seq: Seq(max(0, json["floor"]?.integer ?? 0, start)))
        }

        private func page(after place: Bookmark) async throws -> JSONValue {
            let query: [(String, String?)] = [
                ("after", String(place.seq)), ("epoch", place.epoch.map { String($0) }), ("limit", String(limit)),
                ("subject", subject), ("author", author), ("wait", follow ? String(Self.wait) : nil),
            ]
            return try await connection.asking { client throws(OperatorClientFailure) in
                try await client.get("/v1/log", query)
            }
        }

        private func show(_ json: JSONValue, isFirst: Bool) {
            let transactions = json["transactions"]?.array ?? []
            let (next, head) = (json["next"]?.integer ?? 0, json["head"]?.integer ?? 0)
            guard connection.output == .table else {
                guard follow else { return Terminal.say(json) }
                for transaction in transactions { Terminal.say(CanonicalWriter.text(of: transaction)) }
                if isFirst || !transactions.isEmpty {
                    Terminal.say("{\"bookmark\":\"\(json["epoch"]?.integer ?? 0).\(next)\"}")
                }
                return
            }
            var table = Table(
                headings: ["SEQ", "TIME", "AUTHOR", "SUBJECT", "KEY", "VALUE", "OUTCOME"],
                rows: transactions.flatMap(Self.rows))
            if next < head, !follow { table.footer = "more: --since \(next)" }
            if isFirst || !table.rows.isEmpty { Terminal.say(table.text) }
        }

        private static func rows(_ transaction: JSONValue) -> [[String]] {
            (transaction["entries"]?.array ?? []).map { entry in
                [
                    Cell.text(of: entry["seq"]), Time.text(of: transaction["received"]),
                    Cell.text(of: transaction["author"]), Cell.text(of: entry["subject"]), Cell.text(of: entry["key"]),
                    entry["op"] == .string("remove") ? "removed" : Cell.text(of: entry["value"]),
                    Cell.text(of: entry["outcome"]),
                ]
            }
        }
    }
}

/// How far a reader of the log has come: `EPOCH.SEQ`, or a position alone.
struct Bookmark: ExpressibleByArgument {
    let epoch: UInt64?
    let seq: Seq

    init(epoch: UInt64?, seq: Seq) {
        self.epoch = epoch
        self.seq = seq
    }

    init?(argument: String) {
        let parts = argument.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let last = parts.last, let seq = Seq(last) else { return nil }
        if parts.count == 2, UInt64(parts[0]) == nil { return nil }
        self.init(epoch: parts.count == 2 ? UInt64(parts[0]) : nil, seq: seq)
    }
}
