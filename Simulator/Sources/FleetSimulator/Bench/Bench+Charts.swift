import SyncCore

extension Bench {
    /// What pushes to fleets looked like.
    static func charts(_ costs: [FleetCost]) -> [Chart] {
        guard let whole = costs.last else { return [] }
        return [throughput(whole), latency(whole), convergence(costs), cost(costs)]
    }

    private static func throughput(_ cost: FleetCost) -> Chart {
        let points = cost.measures.perTenth.enumerated().map { index, count in
            (x: Double(index) / 10, y: Double(count) * 10)
        }
        return Chart(
            title: "Throughput", subtitle: "Answers a second while a push goes to \(cost.handsets) polling handsets.",
            x: Chart.Axis(label: "time since the push", unit: "s"), y: Chart.Axis(label: "answers", unit: "1/s"),
            kind: .line, lines: [Chart.Line(name: "answers", points: points)])
    }

    private static func latency(_ cost: FleetCost) -> Chart {
        Chart(
            title: "Latency",
            subtitle:
                "How long answers took while everybody asked at once: the queue of a closed loop, not of a quiet day.",
            x: Chart.Axis(label: "time to the answer", unit: "ms", isLogarithmic: true),
            y: Chart.Axis(label: "share of the answers", unit: "%"), kind: .bars,
            lines: [Chart.Line(name: "answers", points: cost.measures.latencyShares)])
    }

    /// Of some thousand points, as many as a screen can show.
    private static func convergence(_ costs: [FleetCost]) -> Chart {
        func curve(_ times: [Double]) -> [(x: Double, y: Double)] {
            let shown = stride(from: 0, to: times.count, by: max(1, times.count / 200))
            var points = shown.map { index in (x: times[index], y: Double(index + 1) / Double(times.count) * 100) }
            points.append((x: times.last ?? 0, y: 100))
            return points
        }
        let lines = costs.suffix(1).flatMap { cost in
            [
                Chart.Line(name: "holds the push", points: curve(cost.held)),
                Chart.Line(name: "has proven it", points: curve(cost.proven)),
            ]
        }
        return Chart(
            title: "Convergence", subtitle: "Share of \(costs.last?.handsets ?? 0) handsets, to the last one.",
            x: Chart.Axis(label: "time since the push", unit: "s"), y: Chart.Axis(label: "handsets", unit: "%"),
            kind: .steps, lines: lines)
    }

    private static func cost(_ costs: [FleetCost]) -> Chart {
        func perHandset(_ seconds: (FleetCost) -> Double?) -> [(x: Double, y: Double)] {
            costs.compactMap { cost in
                seconds(cost).map { (x: Double(cost.handsets), y: $0 * 1e6 / Double(cost.handsets)) }
            }
        }
        return Chart(
            title: "Cost against fleet size",
            subtitle: "Time a handset: a level line means that cost grows with the fleet and with nothing else.",
            x: Chart.Axis(label: "handsets", isLogarithmic: true), y: Chart.Axis(label: "time a handset", unit: "µs"),
            kind: .line,
            lines: [
                Chart.Line(name: "until all hold it", points: perHandset { $0.held.last }),
                Chart.Line(name: "until all have proven it", points: perHandset { $0.proven.last }),
            ])
    }
}
