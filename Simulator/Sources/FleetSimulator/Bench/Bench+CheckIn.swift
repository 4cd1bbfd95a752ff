import DeviceAgent
import Foundation
import NIOCore
import SyncClient
import SyncCore
import SyncProtocol

extension Bench {
    /// Connections of the closed loops: enough to keep two cores busy, few enough that none waits for long.
    static let connections = 256

    /// Check-ins that find nothing new, and those that get a document or what changed in it: answers per second of the
    /// server's processor time, over bare SwiftNIO sending as many bytes. Reports against check-ins, by the clock.
    func checkIns() async throws -> [Row] {
        let (server, client) = try ServerProcess.consigned(beside: binaries)
        defer { server.stop() }
        let stage = try await settledStage(Self.connections, server, client)
        let before = try await stage.driver.settled()
        let idle = CheckInLoad(before, server.ports[0])
        var rows = [try await rounds("idle-check-in", server, idle.idle, status: 304, helloBytes: 43, target: 0.85)]
        rows.append(bytesRow("idle-bytes", try await idle.answerBytes(idle.idle, 304), limit: 200))
        rows.append(try await answers("full-answer", server, idle, idle.whole))
        guard !isQuick else {
            try await stage.driver.stop()
            return rows
        }
        rows.append(try await reportRate(server, idle))
        // One setting for everybody: what each held is now one push behind.
        try await stage.setOneSetting(to: Stage.secondValue)
        rows.append(try await answers("delta-answer", server, idle, idle.delta))
        rows.append(bytesRow("push-bytes", try await idle.answerBytes(idle.delta, 200), limit: 600))
        try await stage.driver.stop()
        return rows
    }

    /// Reports alone; the check-ins have them too.
    func reports() async throws -> Row {
        let (server, client) = try ServerProcess.consigned(beside: binaries)
        defer { server.stop() }
        let stage = try await settledStage(Self.connections, server, client)
        let load = CheckInLoad(try await stage.driver.settled(), server.ports[0])
        try await stage.driver.stop()
        return try await reportRate(server, load)
    }

    /// One kind of answer with a body, held against as many bytes.
    private func answers(
        _ name: String, _ server: ServerProcess, _ load: CheckInLoad, _ requests: [Load.Requests]
    ) async throws -> Row {
        let bytes = try await load.answerBytes(requests, 200)
        return try await rounds(name, server, requests, status: 200, helloBytes: bytes, target: 0.75)
    }

    /// Reports that are on disk before they are answered, over check-ins that find nothing new, both by the clock.
    private func reportRate(_ server: ServerProcess, _ load: CheckInLoad) async throws -> Row {
        var (ours, ceilings): ([Double], [Double]) = ([], [])
        for round in 1...5 {
            let reports = try await measure(server, load.reports(round), status: 200, seconds: 4)
            ours.append(reports.perSecond)
            ceilings.append(try await measure(server, load.idle, status: 304, seconds: 3).perSecond)
            say(
                "durable-reports, round \(round) of 5: \(Int(ours[round - 1])) of \(Int(ceilings[round - 1])), "
                    + "\(Row.short(1e6 / reports.perProcessorSecond)) µs of the server's processor each")
        }
        return Row(
            name: "durable-reports", unit: "per second", pairs: ours, ceilings, target: 0.5, direction: .atLeast)
    }

    /// Rounds of ours and of the ceiling, one after the other, so that a machine that slows down does so for both.
    private func rounds(
        _ name: String, _ server: ServerProcess, _ requests: [Load.Requests], status: Int, helloBytes: Int,
        target: Double
    ) async throws -> Row {
        let hello = try ServerProcess.hello(beside: binaries, answerBytes: helloBytes)
        defer { hello.stop() }
        let count = isQuick ? 3 : 7
        let seconds = isQuick ? 1.2 : 3
        var (ours, ceilings): ([Double], [Double]) = ([], [])
        for round in 1...count {
            ours.append(try await measure(server, requests, status: status, seconds: seconds).perProcessorSecond)
            ceilings.append(try await measure(hello, requests, status: 200, seconds: seconds).perProcessorSecond)
            say("\(name), round \(round) of \(count): \(Int(ours[round - 1])) of \(Int(ceilings[round - 1]))")
        }
        return Row(
            name: name, unit: "requests/server-cpu-second", pairs: ours, ceilings, target: target, direction: .atLeast)
    }

    /// Answers of a closed loop, by the server's processor time and by the clock.
    func measure(
        _ server: ServerProcess, _ requests: [Load.Requests], status: Int, seconds: Double
    ) async throws -> (perProcessorSecond: Double, perSecond: Double) {
        let load = Load(threads: 1, status: status)
        try await load.connect(port: server.ports[0], requests)
        load.start()
        try await load.wait(milliseconds: 300)
        let (before, used, start) = (load.answers, try server.processorSeconds(), Self.clock())
        try await load.wait(milliseconds: Int64(seconds * 1_000))
        let answers = Double(load.answers - before)
        let (processor, wall) = (try server.processorSeconds() - used, Self.clock() - start)
        let unexpected = load.unexpected
        try await load.stop()
        guard unexpected == 0 else { throw BenchFailure.unexpectedAnswers(unexpected, of: Int(answers)) }
        return (answers / max(processor, 0.01), answers / wall)
    }

    /// Handsets that are enrolled, hold real policies and have said so.
    func settledStage(
        _ count: Int, _ server: ServerProcess, _ client: OperatorClient, threads: Int = 1, connections: Int = .max
    ) async throws -> Stage {
        var setting = setting("bench", count, server, client, threads: threads)
        setting.connections = connections
        let stage = try await Stage.set(setting)
        try await stage.pushStanding()
        try await stage.setOneSetting(to: Stage.firstValue)
        try await stage.driver.connect()
        try await stage.rollCall()
        guard stage.report.findings.isEmpty else { throw BenchFailure.notSettled(stage.report.findings[0]) }
        return stage
    }

    func setting(
        _ name: String, _ count: Int, _ server: ServerProcess, _ client: OperatorClient, threads: Int = 2
    ) -> Stage.Setting {
        Stage.Setting(
            scenario: name, handsets: count, seed: 1, agents: server.agents, client: client, threads: threads,
            patience: 300, plantsFault: false, now: Self.now, say: { _ in })
    }

    private func bytesRow(_ name: String, _ bytes: Int, limit: Int) -> Row {
        Row(name: name, unit: "bytes", ours: Double(bytes), ceiling: Double(limit), target: 1, direction: .atMost)
    }
}

/// Why a bench gives no figures.
enum BenchFailure: Error {
    case unexpectedAnswers(Int, of: Int)
    case notSettled(String)
    case tooSlow(String)
}
