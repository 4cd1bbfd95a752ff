import ArgumentParser
import Foundation

/// The fleet simulator.
@main
struct ConsigneSim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consigne-sim",
        abstract: "Play a fleet of handsets against a Consigne server.",
        discussion: """
            Exit codes: 0 every handset ended where it must; 1 one did not, and is named; 64 the command line is wrong; \
            66 a file cannot be read; 69 the server cannot be reached; 73 the report cannot be written.
            """,
        subcommands: [Run.self, BenchCommand.self, Hello.self, Weigh.self])
}

extension ConsigneSim {
    /// Where this binary lies, and the shipped server beside it.
    static var folder: URL { binary.deletingLastPathComponent() }

    static var binary: URL { URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath() }
}
