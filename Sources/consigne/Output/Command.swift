import ArgumentParser
import Foundation

/// A command whose failures become one line on standard error and a documented exit code.
protocol Command: AsyncParsableCommand {
    func perform() async throws
}

extension Command {
    func run() async throws {
        do {
            try await perform()
        } catch let failure as Failure {
            Terminal.complain("consigne: \(failure)")
            throw ExitCode(failure.code.rawValue)
        }
    }
}

/// The two streams of a terminal.
enum Terminal {
    /// At once, for whoever reads a pipe while the command goes on.
    static func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

    static func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
