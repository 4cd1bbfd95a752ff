import ArgumentParser

struct ContextsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contexts", abstract: "Name the servers you work with.",
        subcommands: [Set.self, Use.self, List.self], defaultSubcommand: List.self)

    struct Set: Command {
        static let configuration = CommandConfiguration(abstract: "Name a server and the file of your token there.")

        @Argument var name: String
        @Option var server: String
        @Option(help: "The file that holds the token; its path is kept, not the token.") var tokenFile: String
        @Option(help: "The authorities that vouch for the server, in PEM; the system's where none are given.")
        var ca: String?

        func perform() async throws {
            var contexts = try Contexts.read()
            try contexts.set(name, Contexts.Context(server: server, tokenFile: tokenFile, ca: ca))
            print("\(name) is the current context")
        }
    }

    struct Use: Command {
        static let configuration = CommandConfiguration(abstract: "Make one the current context.")

        @Argument var name: String

        func perform() async throws {
            var contexts = try Contexts.read()
            try contexts.use(name)
            print("\(name) is the current context")
        }
    }

    struct List: Command {
        static let configuration = CommandConfiguration(abstract: "List the contexts.")

        @Option(help: "What to print: a table for people or JSON for machines.")
        var output = Connection.Format.table

        func perform() async throws {
            let contexts = try Contexts.read()
            guard output == .table else { return print(PrettyJSON.text(of: contexts.json)) }
            let rows = contexts.all.sorted { $0.key < $1.key }.map { name, context in
                [name == contexts.current ? "*" : "", name, context.server, context.tokenFile, context.ca ?? "-"]
            }
            print(Table(headings: ["", "CONTEXT", "SERVER", "TOKEN FILE", "AUTHORITIES"], rows: rows).text)
        }
    }
}
