import Foundation
import Testing

/// The scenarios in which handsets live by their own clocks, or wait for what operators do, small and fast.
@Suite struct ScenarioTests {
    @Test(arguments: ["steady", "outage", "morning", "storm", "swap", "move"])
    func `every handset ends where it must`(scenario: String) async throws {
        let outcome = try await play(scenario, ["--pace", scenario == "steady" ? "450" : "600"])
        #expect(outcome.exitCode == 0, "\(outcome.output) \(outcome.errors)")
        #expect(outcome.output.contains("every handset holds what it must"))
    }

    /// Handsets that all have one place in the interval, that come sooner than they were told, and a policy that
    /// disturbs those who do not move.
    ///
    /// Who waits a tenth of his time must still be too early where the machine is so busy that every connection takes
    /// half a second: so the outage is played more slowly.
    @Test(arguments: [
        ("steady", "600", "in a fifteenth of the interval, expected at most"),
        ("outage", "100", "came before the time"), ("move", "600", "woken, and does not move"),
    ])
    func `a planted fault is named`(scenario: String, pace: String, words: String) async throws {
        let outcome = try await play(scenario, ["--pace", pace, "--patience", "6", "--plant-fault"])
        #expect(outcome.exitCode == 1)
        #expect(outcome.output.contains(words), "\(outcome.output) \(outcome.errors)")
    }

    private func play(_ scenario: String, _ options: [String]) async throws -> RunningServer.Outcome {
        let server = try await RunningServer.founded()
        return try await RunningServer.run(
            "consigne-sim",
            [
                "run", scenario, "--handsets", "150", "--agent", "http://127.0.0.1:\(server.agentPort)", "--operator",
                server.operatorURL, "--token-file", server.tokenFile,
            ] + options)
    }
}
