import Foundation
import Testing

/// One fleet, played by several processes of the simulator.
@Suite struct SharedRunTests {
    @Test func `three processes play one fleet and wait for each other before every push`() async throws {
        let outcome = try await play(["--handsets", "151", "--processes", "3", "--connections", "20"])
        #expect(outcome.exitCode == 0, "\(outcome.output) \(outcome.errors)")
        #expect(outcome.output.contains("push: 151 handsets on 60 connections of 3 processes, seed 1"))
        #expect(outcome.output.contains("\n  151 handsets hold the push: 50 % of each process after"))
        #expect(outcome.output.contains("every handset holds what it must"))
    }

    @Test func `a planted fault is named by the process that sees it`() async throws {
        let outcome = try await play(["--handsets", "30", "--processes", "2", "--patience", "2", "--plant-fault"])
        #expect(outcome.exitCode == 1)
        #expect(outcome.output.contains("oracle: FAILED\n  handset 14 (serial S1-28"), "\(outcome.output)")
    }

    @Test func `a scenario that lives by one process's clock is refused`() async throws {
        let outcome = try await play(["--handsets", "30", "--processes", "2"], scenario: "storm")
        #expect(outcome.exitCode == 64)
        #expect(outcome.errors.contains("--processes: found 2, expected 1 for storm"))
    }

    @Test func `the end of one process is told`() async throws {
        let outcome = try await play(["--handsets", "30", "--processes", "2", "--operator", "http://127.0.0.1:1"])
        #expect(outcome.exitCode == 69)
        #expect(outcome.errors.contains("the process of share 1/2 ended with 69"))
    }

    private func play(_ options: [String], scenario: String = "push") async throws -> RunningServer.Outcome {
        let server = try await RunningServer.founded()
        return try await RunningServer.run(
            "consigne-sim",
            [
                "run", scenario, "--agent", "http://127.0.0.1:\(server.agentPort)", "--operator", server.operatorURL,
                "--token-file", server.tokenFile,
            ] + options)
    }
}
