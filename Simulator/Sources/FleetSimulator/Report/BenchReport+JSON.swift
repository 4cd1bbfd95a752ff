import Foundation

extension BenchReport {
    /// The rows as `Bench.json` gives them, with the machine and the charts beside them.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let rest = Rest(machine: machine, date: date, quick: isQuick, charts: charts.map(ChartText.init))
        let results = Bench.json(rows)
        guard let data = try? encoder.encode(rest), let end = results.lastIndex(of: "}") else { return results }
        return "\(results[..<end]),\(String(decoding: data, as: UTF8.self).dropFirst())\n"
    }

    private struct Rest: Encodable {
        let machine: BenchMachine
        let date: String
        let quick: Bool
        let charts: [ChartText]
    }

    /// A chart as JSON has it: a point is a pair, and one that is no number is left out.
    private struct ChartText: Encodable {
        struct Line: Encodable {
            let name: String
            let points: [[Double]]
        }

        let title: String
        let kind: Chart.Kind
        let x: Chart.Axis
        let y: Chart.Axis
        let lines: [Line]

        init(_ chart: Chart) {
            (title, kind, x, y) = (chart.title, chart.kind, chart.x, chart.y)
            lines = chart.lines.map { line in
                Line(
                    name: line.name,
                    points: line.points.filter { $0.x.isFinite && $0.y.isFinite }.map { [$0.x, $0.y] })
            }
        }
    }
}
