import Foundation
import SyncClient
import SyncCore
import SyncProtocol

extension Bench {
    /// Processor time of the server to resolve and encode a class after a baseline edit: with 4,000 classes over 1,000.
    func classes() async throws -> Row {
        let few = try await resolution(of: 1_000)
        let many = try await resolution(of: 4_000)
        return Row(
            name: "class-resolution", unit: "server-cpu-ms/class", ours: many, ceiling: few, target: 1.5,
            direction: .atMost)
    }

    /// Milliseconds a class, with one handset in each, its download and its report among them.
    private func resolution(of classes: Int) async throws -> Double {
        let (server, client) = try ServerProcess.consigned(beside: binaries, options: Self.atOnce)
        defer { server.stop() }
        let fleet = try Fleet(classes: classes, seed: 1)
        let stage = try await Stage.set(setting("classes", fleet.members.count, server, client), fleet)
        try await stage.pushStanding()
        try await stage.setOneSetting(to: Stage.firstValue)
        try await stage.pushToEachUnit()
        try await stage.driver.connect()
        try await stage.rollCall()
        var times: [Double] = []
        for round in 0..<5 {
            let value = round % 2 == 0 ? Stage.secondValue : Stage.firstValue
            let targets = try await stage.targets(ofPush: value)
            let before = try server.processorSeconds()
            _ = try await stage.pushToAll(value, targets: targets)
            times.append((try server.processorSeconds() - before) * 1_000 / Double(classes))
        }
        try await stage.driver.stop()
        say("\(classes) classes: \(Row.short(Self.median(times))) ms of the server's processor each")
        return Self.median(times)
    }
}
