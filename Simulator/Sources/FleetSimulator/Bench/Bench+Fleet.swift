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
    }

    /// Fleets of growing size: a push to everybody, until all hold it and all have said so; then the start of a server
    /// with the largest.
    ///
    /// - Parameter rates: what the machine answers in a second, measured in this run.
    func fleets(_ rates: Rates) async throws -> (rows: [Row], charts: [Chart]) {
        var costs: [FleetCost] = []
        var rows: [Row] = []
        for size in [1_000, 10_000, 126_000] {
            let (server, client) = try ServerProcess.consigned(beside: binaries, options: Self.atOnce)
            defer { server.stop() }
            say("a fleet of \(size): enrolling")
            let stage = try await settledStage(size, server, client, threads: 2)
            costs.append(try await cost(of: stage))
            try await stage.driver.stop()
            guard size == 126_000 else { continue }
            rows.append(try await status(client))
            rows.append(try await startUp(server, client))
        }
        guard let whole = costs.last, let held = whole.held.last, let proven = whole.proven.last else {
            throw BenchFailure.tooSlow("fleets")
        }
        let (full, reports) = (Double(whole.handsets) / rates.full, Double(whole.handsets) / rates.reports)
        rows += [
            Row(
                name: "push-held", unit: "seconds", ours: held, ceiling: full, target: 1.5, direction: .atMost),
            Row(
                name: "push-proven", unit: "seconds", ours: proven, ceiling: full + reports, target: 1.3,
                direction: .atMost),
        ]
        return (rows, Self.charts(costs))
    }

    /// The median of three pushes.
    private func cost(of stage: Stage) async throws -> FleetCost {
        var rounds: [FleetCost] = []
        for round in 0..<3 {
            let value = round % 2 == 0 ? Stage.secondValue : Stage.firstValue
            let cost = try await stage.pushToAll(value)
            rounds.append(cost)
            say(
                "\(cost.handsets) handsets: all hold it after \(Row.short(cost.held.last ?? 0)) s, proven after "
                    + "\(Row.short(cost.proven.last ?? 0)) s")
            for note in cost.notes { say(note) }
        }
        return rounds.sorted { ($0.held.last ?? 0) < ($1.held.last ?? 0) }[1]
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
