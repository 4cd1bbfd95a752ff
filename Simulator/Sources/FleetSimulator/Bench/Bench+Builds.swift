import Foundation

/// Rows that say something of one build alone, and of two builds in one run.
extension Bench {
    /// A figure of this build and of the other one, one after the other; without another, against a limit.
    ///
    /// - Parameters:
    ///   - limit: what the figure may be.
    ///   - ratio: how much of the other build's figure it may be.
    func compared(
        _ name: String, unit: String, limit: Double, ratio: Double,
        _ measure: (_ binaries: URL) async throws -> Double
    ) async throws -> Row {
        let ours = try await measure(binaries)
        say("\(name): \(Row.short(ours)) \(unit)")
        guard let other else {
            return Row(name: name, unit: unit, ours: ours, ceiling: limit, target: 1, direction: .atMost)
        }
        let theirs = try await measure(other)
        say("\(name): \(Row.short(theirs)) \(unit) of the other build")
        return Row(name: name, unit: unit, ours: ours, ceiling: theirs, target: ratio, direction: .atMost)
    }

    /// After so many seconds a server has sorted the reports of a push and given back what it freed.
    private static let memoryRestSeconds = 75

    /// Megabytes of a server that has 126,000 devices, all of which report over at most 18,000 connections, after three
    /// pushes.
    func fleetMemory() async throws -> Row {
        try await compared("fleet-memory", unit: "MB", limit: 283, ratio: 0.35) { binaries in
            let (server, client) = try ServerProcess.consigned(beside: binaries, options: Self.atOnce)
            defer { server.stop() }
            say("fleet-memory: enrolling 126,000 handsets")
            let stage = try await settledStage(126_000, server, client, threads: 2, connections: 18_000)
            for value in [Stage.secondValue, Stage.firstValue, Stage.secondValue] {
                _ = try await stage.pushToAll(value, targets: try await stage.targets(ofPush: value))
            }
            try await ContinuousClock().sleep(for: .seconds(Self.memoryRestSeconds))
            let megabytes = try server.residentKilobytes() / 1_024
            try await stage.driver.stop()
            return megabytes
        }
    }
}
