import ArgumentParser

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
