import ArgumentParser
import Foundation
import SyncServer

/// The server.
@main
struct Consigned: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consigned",
        abstract: "The Consigne server: keeps the log of policies and tells devices what they must hold.",
        discussion: """
            Options may also be given in the environment: CONSIGNE_STORE, CONSIGNE_AGENT, CONSIGNE_OPERATOR, \
            CONSIGNE_TLS_CERTIFICATE, CONSIGNE_TLS_KEY and CONSIGNE_LOG_LEVEL; a flag wins. Exit codes: 0 stopped as \
            asked; 64 the command line is wrong; 69 a port cannot be opened; 70 the store failed while serving; 73 a \
            file cannot be made; 74 the store cannot be used; 75 another server has it; 78 the certificate or its key \
            cannot be used.
            """,
        subcommands: [Initialise.self, Serve.self, Check.self, Backup.self, Restore.self, Repair.self])

    /// Whatever this process makes is for its own user: the store holds a police force's policies.
    static func main() async {
        umask(0o077)
        // Whoever reads our output may go at any time.
        signal(SIGPIPE, SIG_IGN)
        // As many threads run at once.
        FreeMemory.shareHeaps(ProcessInfo.processInfo.activeProcessorCount)
        await main(nil)
    }
}

/// The exit codes, as sysexits(3) names them.
enum ExitCodes {
    static let unavailable = ExitCode(69)
    static let software = ExitCode(70)
    static let cannotCreate = ExitCode(73)
    static let storeUnusable = ExitCode(74)
    static let storeInUse = ExitCode(75)
    static let configuration = ExitCode(78)
}
