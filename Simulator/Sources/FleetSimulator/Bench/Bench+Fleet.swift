import Foundation
import SyncClient
import SyncCore
import SyncProtocol

extension Bench {
    /// What a push to a fleet of one size costs, every handset polling.
    struct FleetCost {
        let handsets: Int
        /// Seconds until each handset held the push, and until the server had its report; sorted.
        var held: [Double] = []
        var proven: [Double] = []
        var measures = Measures()
        /// Where the figures are the simulator's own.
        var notes: [String] = []

        /// Until the last handset held it, and until the server had the last report.
        var secondsHeld: Double { held.last ?? 0 }
        var secondsProven: Double { proven.last ?? 0 }
    }

    /// Fleets of growing size: a push to everybody, until all hold it and all have said so; then the start of a server
    /// with the largest.
    func fleets() async throws -> (rows: [Row], charts: [Chart]) {
        var costs: [FleetCost] = []
        var rows: [Row] = []
        let ceiling = try await PushCeiling.start(self)
        defer { ceiling.stop() }
        for size in [1_000, 10_000, 126_000] {
            let (server, client) = try ServerProcess.consigned(beside: binaries, options: Self.atOnce)
            defer { server.stop() }
            say("a fleet of \(size): enrolling")
            let stage = try await settledStage(size, server, client, threads: 2)
            guard size == 126_000 else {
                costs.append(Self.middle(try await pushes(3, stage).map(\.cost)))
                try await stage.driver.stop()
                continue
            }
            let pushes = try await pushes(7, stage, under: ceiling)
            costs.append(Self.middle(pushes.map(\.cost)))
            rows += Self.rows(pushes)
            let settled = try await stage.driver.settled()
            try await stage.driver.stop()
            rows.append(try await scatteredReports(server, settled, over: ceiling, after: pushes.count))
            rows.append(try await status(client))
            rows.append(try await startUp(server, client))
        }
        return (rows, Self.charts(costs))
    }

    /// A push, and what the machine did in a second just before.
    private typealias Push = (cost: FleetCost, rates: PushCeiling.Rates?)

    private func pushes(_ count: Int, _ stage: Stage, under ceiling: PushCeiling? = nil) async throws -> [Push] {
        var pushes: [Push] = []
        for round in 0..<count {
            let value = round % 2 == 0 ? Stage.secondValue : Stage.firstValue
            let rested = ContinuousClock.now + .seconds(PushCeiling.restSeconds)
            let targets = try await stage.targets(ofPush: value)
            if ceiling != nil { try await ContinuousClock().sleep(until: rested) }
            let rates = try await ceiling?.rates(round + 1)
            ceiling?.pause()
            let cost = try await stage.pushToAll(value, targets: targets)
            ceiling?.goOn()
            pushes.append((cost, rates))
            let ceilings = rates.map { "; \(Int($0.full)) documents and \(Int($0.reports)) reports in a second" } ?? ""
            say(
                "\(cost.handsets) handsets: all hold it after \(Row.short(cost.secondsHeld)) s, proven after "
                    + "\(Row.short(cost.secondsProven)) s" + ceilings)
            for note in cost.notes { say(note) }
        }
        return pushes
    }

    private static func middle(_ costs: [FleetCost]) -> FleetCost {
        costs.sorted { $0.secondsHeld < $1.secondsHeld }[costs.count / 2]
    }

    private static func rows(_ pushes: [Push]) -> [Row] {
        let full = pushes.map { Double($0.cost.handsets) / ($0.rates?.full ?? 0) }
        let reports = pushes.map { Double($0.cost.handsets) / ($0.rates?.reports ?? 0) }
        return [
            Row(
                name: "push-held", unit: "seconds", pairs: pushes.map(\.cost.secondsHeld), full, target: 1.5,
                direction: .atMost),
            Row(
                name: "push-proven", unit: "seconds", pairs: pushes.map(\.cost.secondsProven),
                zip(full, reports).map { $0 + $1 }, target: 1.3, direction: .atMost),
        ]
    }

    /// Reports of a whole fleet in no order, over those of a few devices: a store that writes a device's report where the
    /// last one stood touches another page each time.
    private func scatteredReports(
        _ server: ServerProcess, _ handsets: [SettledHandset], over ceiling: PushCeiling, after rounds: Int
    ) async throws -> Row {
        var generator = SplitMix64(seed: 1)
        let load = CheckInLoad(handsets.shuffled(using: &generator), server.ports[0])
        var (ours, ceilings): ([Double], [Double]) = ([], [])
        for round in 1...3 {
            try await ContinuousClock().sleep(for: .seconds(PushCeiling.restSeconds))
            ours.append(try await measure(server, load.reports(round), status: 200, seconds: 4).perSecond)
            ceilings.append(try await ceiling.reports(rounds + round))
            say("scattered-reports, round \(round) of 3: \(Int(ours[round - 1])) of \(Int(ceilings[round - 1]))")
        }
        return Row(
            name: "scattered-reports", unit: "per second", pairs: ours, ceilings, target: 0.7, direction: .atLeast)
    }

    /// Seconds that an operator waits for how the fleet stands, the slowest of those he asks: the whole, an agency, a
    /// policy; right after a push, so that no class was looked at before.
    private func status(_ client: OperatorClient) async throws -> Row {
        var slowest = 0.0
        for query in [("under", "/"), ("under", "/gendarmerie"), ("policy", "/:one-setting")] {
            let start = Self.clock()
            let status = try await client.get("/v1/status", [query])
            let seconds = Self.clock() - start
            say("status \(query.1): \(status["devices"]?["enrolled"]?.integer ?? 0) devices in \(Row.short(seconds)) s")
            slowest = max(slowest, seconds)
        }
        return Row(name: "status", unit: "seconds", ours: slowest, ceiling: 1, target: 1, direction: .atMost)
    }

    /// Seconds until a server serves that has the whole fleet, and 100,000 policy entries more in its log.
    private func startUp(_ server: ServerProcess, _ client: OperatorClient) async throws -> Row {
        say("start: 100,000 policy entries more")
        let settings = try Catalog.embedded().settings.filter { key, setting in
            if case .bool = setting.type { !key.hasPrefix("user.") } else { false }
        }
        let body = JSONValue.object(settings.mapValues { _ in .bool(true) })
        let policies = 100_000 / settings.count
        for start in stride(from: 0, to: policies, by: 100) {
            let edits = (start..<min(start + 100, policies)).compactMap { number in
                PolicyReference(owner: .root, name: "filling-\(number)").map { Edit.putPolicy($0, body) }
            }
            _ = try await client.change(ChangeRequest(intent: "filling-\(start)", edits: edits))
        }
        let seconds = try (0..<3).map { _ in try server.restart() }
        say("start: \(seconds.map { Row.short($0) }.joined(separator: ", ")) s")
        return Row(
            name: "start-up", unit: "seconds", ours: Self.median(seconds), ceiling: 3, target: 1, direction: .atMost)
    }

    /// Parked polls are let go as fast as the machine can.
    static let atOnce = ["--release-rate", "0"]
}
