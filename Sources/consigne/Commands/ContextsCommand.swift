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
        @OptionGroup var format: OutputOptions

        func perform() async throws {
            var contexts = try Contexts.read()
            try contexts.set(name, Contexts.Context(server: server, tokenFile: tokenFile, ca: ca))
            contexts.show(format.output)
        }
    }

    struct Use: Command {
        static let configuration = CommandConfiguration(abstract: "Make one the current context.")

        @Argument var name: String
        @OptionGroup var format: OutputOptions

        func perform() async throws {
            var contexts = try Contexts.read()
            try contexts.use(name)
            contexts.show(format.output)
        }
    }

    struct List: Command {
        static let configuration = CommandConfiguration(abstract: "List the contexts.")

        @OptionGroup var format: OutputOptions

        func perform() async throws {
            let contexts = try Contexts.read()
            guard format.output == .table else { return Terminal.say(contexts.json) }
            let rows = contexts.all.sorted { $0.key < $1.key }.map { name, context in
                [name == contexts.current ? "*" : "", name, context.server, context.tokenFile, context.ca ?? "-"]
            }
            Terminal.say(Table(headings: ["", "CONTEXT", "SERVER", "TOKEN FILE", "AUTHORITIES"], rows: rows).text)
        }
    }
}

extension Contexts {
    /// What a change of them leaves.
    fileprivate func show(_ format: OutputOptions.Format) {
        switch format {
        case .json: Terminal.say(json)
        case .table: Terminal.say("\(current ?? "-") is the current context")
        }
    }
}
