import ArgumentParser

/// The operator's command line.
@main
struct Consigne: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consigne",
        abstract: "Push policies to a fleet, and see who decided what.",
        discussion: """
            Exit codes: 0 done; 64 the command line is wrong; 65 what you gave is refused; 66 a file cannot be read; \
            69 the server cannot be reached; 70 the server failed; 73 a file cannot be written; 75 refused for now, \
            try again; 76 the server answered what this version does not know; 77 not allowed.
            """,
        subcommands: [
            Status.self, Push.self, PlanCommand.self, Apply.self, Explain.self, PoliciesCommand.self,
            ConflictsCommand.self,
            AssignmentsCommand.self,
            DevicesCommand.self, UserCommand.self, UnitsCommand.self, TokensCommand.self, OperatorsCommand.self,
            LogCommand.self,
            ContextsCommand.self,
            Resolve.self,
        ])
}
