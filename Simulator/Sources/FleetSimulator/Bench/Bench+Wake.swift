import Foundation
import SyncClient
import SyncCore
import SyncProtocol

extension Bench {
    /// The server's processor time for a change that concerns one of 18,000 parked polls, over one of 180: whoever looks
    /// through all of them pays a hundred times as much.
    func wakeOne() async throws -> Row {
        let most = min(18_000, FleetDriver.connectionLimit)
        let few = try await wakeOne(of: most / 100, binaries)
        if other == nil {
            let many = try await wakeOne(of: most, binaries)
            return Row(
                name: "wake-one", unit: "server-cpu-ms", ours: many, ceiling: few, target: 2, direction: .atMost)
        }
        return try await compared("wake-one", unit: "server-cpu-ms", limit: few, ratio: 0.1) {
            try await wakeOne(of: most, $0)
        }
    }

    private func wakeOne(of count: Int, _ binaries: URL) async throws -> Double {
        let changes = 200
        let (server, client) = try ServerProcess.consigned(beside: binaries, options: Self.atOnce)
        defer { server.stop() }
        say("wake-one: enrolling \(count) handsets")
        let stage = try await settledStage(count, server, client, threads: 2)
        let handsets = try await stage.driver.settled()
        let devices = try await devices(changes, client)
        try await stage.driver.stop()
        let load = Load(threads: 1, status: 200)
        let polls = CheckInLoad(handsets, server.ports[0]).parked(seconds: 240)
        try await load.connect(port: server.ports[0], run: UInt64(Self.clock()), polls)
        load.start()
        try await load.wait(milliseconds: 3_000)
        guard load.answers == 0, !devices.isEmpty else {
            throw BenchFailure.unexpectedAnswers(load.answers, of: count)
        }
        let tag = try Self.tag("woken")
        let before = try server.processorSeconds()
        for change in 0..<changes {
            // Nothing that the device must hold changes: it looks, and waits on.
            let edit = Edit.tag(devices[change % devices.count], add: [tag], remove: [])
            let back = Edit.tag(devices[change % devices.count], add: [], remove: [tag])
            _ = try await client.change(ChangeRequest(intent: "wake-\(change)", edits: [edit]))
            _ = try await client.change(ChangeRequest(intent: "wake-back-\(change)", edits: [back]))
        }
        let used = (try server.processorSeconds() - before) * 1_000 / Double(2 * changes)
        try await load.stop()
        say("wake-one: \(Row.short(used)) ms of the server's processor a change, with \(count) parked")
        return used
    }
}
