import DeviceAgent
import Foundation
import NIOCore
import SyncClient
import SyncCore
import SyncProtocol

extension Bench {
    /// Check-ins that find nothing new, per second of the server's processor time, with device authentication; the
    /// ceiling answers the same requests with a fixed word.
    func idleCheckIn() async throws -> Row {
        let connections = 256
        let rounds = isQuick ? 3 : 7
        let (server, client) = try ServerProcess.consigned(beside: binaries)
        defer { server.stop() }
        let hello = try ServerProcess.hello(beside: binaries)
        defer { hello.stop() }
        let requests = try await settledRequests(connections, server, client)
        var ours: [Double] = []
        var ceilings: [Double] = []
        for round in 1...rounds {
            ours.append(try await rate(of: server, requests, status: "304"))
            ceilings.append(try await rate(of: hello, requests, status: "200"))
            say("idle check-in, round \(round) of \(rounds): \(Int(ours[round - 1])) of \(Int(ceilings[round - 1]))")
        }
        // The ratio of each round's pair holds when the machine's speed drifts; the medians are for the eye.
        let ratio = Self.median(zip(ours, ceilings).map { $0 / $1 })
        let ceiling = Self.median(ceilings)
        return Row(
            name: "idle-check-in", unit: "requests/server-cpu-second", ours: ratio * ceiling, ceiling: ceiling,
            target: 0.8, direction: .atLeast)
    }

    /// Answers per second of the server's processor time.
    private func rate(of server: ServerProcess, _ requests: [ByteBuffer], status: String) async throws -> Double {
        let load = ClosedLoop(threads: 1)
        try await load.connect(port: server.ports[0], requests: requests, status: status)
        load.start()
        try await load.wait(milliseconds: 500)
        let (before, used) = (load.answers, try server.processorSeconds())
        try await load.wait(milliseconds: isQuick ? 2_000 : 4_000)
        let answers = load.answers - before
        let seconds = try server.processorSeconds() - used
        let unexpected = load.unexpected
        try await load.stop()
        guard unexpected == 0 else { throw BenchFailure.unexpectedAnswers(unexpected, of: answers) }
        return Double(answers) / seconds
    }

    /// Enrols handsets with real policies, and renders the check-in each sends when it is up to date.
    private func settledRequests(
        _ count: Int, _ server: ServerProcess, _ client: OperatorClient
    ) async throws -> [ByteBuffer] {
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        let stage = try await Stage.set(
            Stage.Setting(
                scenario: "bench", handsets: count, seed: 1, agentHost: "127.0.0.1", agentPort: server.ports[0],
                client: client, threads: 1, patience: 60, plantsFault: false, now: now, say: { _ in }))
        try await stage.pushStanding()
        try await stage.driver.connect()
        try await stage.rollCall()
        let bytes = RequestBytes(host: "127.0.0.1:\(server.ports[0])")
        let requests = try await stage.driver.settledCheckIns(bytes)
        try await stage.driver.stop()
        return requests
    }
}

/// Why a bench gives no figures.
enum BenchFailure: Error {
    case unexpectedAnswers(Int, of: Int)
}
