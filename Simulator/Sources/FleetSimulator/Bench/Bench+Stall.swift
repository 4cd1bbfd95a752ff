import Foundation
import NIOCore
import SyncClient
import SyncCore
import SyncProtocol
import Synchronization

extension Bench {
    /// What operators make a server do at once.
    private enum Burden {
        static let edits = 20_000
        static let plans = 100
        static let rounds = 3
    }

    /// Milliseconds that 99 of 100 reports of one device take at most, while operators change 20,000 devices at a time, ask
    /// for 100 plans at once and have every class of 126,000 devices resolved.
    func writerStall() async throws -> Row {
        try await compared("writer-stall", unit: "milliseconds", limit: 50, ratio: 0.5) { binaries in
            let (server, client) = try ServerProcess.consigned(beside: binaries, options: Self.atOnce)
            defer { server.stop() }
            say("writer-stall: enrolling 126,000 handsets")
            let stage = try await settledStage(126_000, server, client, threads: 2)
            try await stage.pushToEachUnit()
            let devices = try await devices(Burden.edits, client)
            let handsets = try await stage.driver.settled()
            try await stage.driver.stop()
            let times = Mutex<[UInt64]>([])
            let load = Load(threads: 1, status: 200)
            let report = CheckInLoad(Array(handsets.prefix(1)), server.ports[0]).reports(1)
            try await load.connect(
                port: server.ports[0],
                report.map { next in
                    { turn in
                        times.withLock { $0.append(DispatchTime.now().uptimeNanoseconds) }
                        return next(turn)
                    }
                })
            load.start()
            for round in 0..<Burden.rounds { try await Self.burden(round, devices, client) }
            try await load.stop()
            return Self.percentile99(times.withLock { $0 })
        }
    }

    /// Milliseconds between one request and the next of a closed loop.
    private static func percentile99(_ times: [UInt64]) -> Double {
        let waits = zip(times, times.dropFirst()).map { Double($1 - $0) / 1e6 }.sorted()
        return waits.isEmpty ? 0 : waits[min(waits.count - 1, waits.count * 99 / 100)]
    }

    private func devices(_ count: Int, _ client: OperatorClient) async throws -> [DeviceID] {
        var (devices, after): ([DeviceID], String?) = ([], nil)
        repeat {
            let query = [("limit", "1000"), ("state", "enrolled")] + (after.map { [("after", $0)] } ?? [])
            let page = try await client.get("/v1/devices", query)
            devices += (page["devices"]?.array ?? []).compactMap { $0["device"]?.string.flatMap { DeviceID($0) } }
            after = page["next"]?.string
        } while devices.count < count && after != nil
        return Array(devices.prefix(count))
    }

    /// All at once: the tags of the devices change, plans are asked for, and after an edit for everybody the fleet's status.
    private static func burden(_ round: Int, _ devices: [DeviceID], _ client: OperatorClient) async throws {
        guard let tag = ["burdened"].compactMap({ Tag($0) }).first,
            let policy = PolicyReference(owner: .root, name: "burden-\(round)")
        else { return }
        let isAdded = round.isMultiple(of: 2)
        let tags = devices.map { Edit.tag($0, add: isAdded ? [tag] : [], remove: isAdded ? [] : [tag]) }
        let body = JSONValue.object(["maximumTimeToLock": .integer(Int64(30_000 - round))])
        let push = [Edit.putPolicy(policy, body), .bind(policy, .unit(.root), nil)]
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await client.change(ChangeRequest(intent: "burden-tags-\(round)", edits: tags)) }
            group.addTask {
                _ = try await client.change(ChangeRequest(intent: "burden-push-\(round)", edits: push))
                _ = try? await client.get("/v1/status", [])
            }
            for plan in 0..<Burden.plans {
                group.addTask {
                    // One that is turned away is no failure: that is how the others are spared.
                    _ = try? await client.plan(ChangeRequest(intent: "burden-plan-\(round)-\(plan)", edits: push))
                }
            }
            try await group.waitForAll()
        }
    }

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
        guard load.answers == 0, let tag = ["woken"].compactMap({ Tag($0) }).first, !devices.isEmpty else {
            throw BenchFailure.unexpectedAnswers(load.answers, of: count)
        }
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
