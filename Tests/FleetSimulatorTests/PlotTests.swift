import Foundation
import TestSupport
import Testing

@testable import FleetSimulator

@Suite struct PlotTests {
    @Test func `every point of every chart lies in the plot`() throws {
        var generator = SeededGenerator(for: "points in the plot")
        for _ in 0..<500 {
            let chart = Self.chart(using: &generator)
            let plot = try #require(Plot(chart))
            let (frame, slack) = (plot.frame, 1e-6)
            for place in plot.points.joined().map(plot.place) {
                #expect(frame.left - slack <= place.x && place.x <= frame.right + slack)
                #expect(frame.top - slack <= place.y && place.y <= frame.bottom + slack)
            }
        }
    }

    @Test func `no value is outside the bounds of its axis, bars included`() throws {
        var generator = SeededGenerator(for: "values in their bounds")
        for _ in 0..<500 {
            let chart = Self.chart(using: &generator)
            let plot = try #require(Plot(chart))
            for line in plot.points {
                #expect(line.allSatisfy { plot.y.bounds.contains($0.y) && plot.x.bounds.contains($0.x) })
                guard chart.kind == .bars else { continue }
                let spans = BarSpans.around(line.map(\.x), isLogarithmic: chart.x.isLogarithmic)
                #expect(spans.allSatisfy { plot.x.bounds.clamped(to: $0) == $0 })
                for (span, next) in zip(spans, spans.dropFirst()) {
                    #expect(span.upperBound <= next.lowerBound + abs(next.lowerBound) * 1e-9 + 1e-12)
                }
            }
        }
    }

    @Test func `labels stay in the drawing and do not touch`() throws {
        var generator = SeededGenerator(for: "labels")
        for _ in 0..<500 {
            let plot = try #require(Plot(Self.chart(using: &generator)))
            #expect(plot.frame.left < Plot.width / 2)
            #expect(plot.labelledTicks.count >= 2)
            var end = 0.0
            for index in plot.labelledTicks {
                let (middle, width) = (
                    plot.across(plot.x.ticks.values[index]), Plot.labelWidth(plot.x.ticks.labels[index])
                )
                #expect(middle - width / 2 >= end)
                end = middle + width / 2
            }
            #expect(end <= Plot.width)
            let levels = plot.y.ticks.values.map(plot.down)
            #expect(zip(levels, levels.dropFirst()).allSatisfy { $0 - $1 >= 14 })
        }
    }

    @Test func `what cannot be drawn is left out`() throws {
        let points: [Plot.Point] = [(1, 1), (.nan, 2), (2, .infinity), (3, -.infinity), (0, 5), (-4, 5), (10, 7)]
        let logarithmic = Chart.Axis(label: "Fleet", unit: "handsets", isLogarithmic: true)
        let plot = try #require(Plot(Self.chart(.line, x: logarithmic, [points])))
        #expect(plot.points[0].map(\.x) == [1, 10])
        #expect(!plot.drawing(id: "a").written.lowercased().contains("nan"))
        #expect(Plot(Self.chart(.bars, x: logarithmic, [[(-1, 1), (.nan, 3)], []])) == nil)
    }

    @Test(arguments: [Chart.Kind.line, .steps, .bars], [-3.0, 0, 5])
    func `one point, or the same point twice, is a chart, too`(kind: Chart.Kind, value: Double) throws {
        for points in [[(value, value)], [(value, value), (value, value)]] as [[Plot.Point]] {
            let plot = try #require(Plot(Self.chart(kind, [points])))
            #expect((3...10).contains(plot.x.ticks.values.count) && (3...10).contains(plot.y.ticks.values.count))
        }
    }

    private static func chart(
        _ kind: Chart.Kind, x: Chart.Axis = Chart.Axis(label: "Time", unit: "seconds"),
        y: Chart.Axis = Chart.Axis(label: "Answers", unit: "per second"), _ lines: [[Plot.Point]]
    ) -> Chart {
        let lines = lines.enumerated().map { Chart.Line(name: "line \($0)", points: $1) }
        return Chart(title: "Chart", subtitle: "A chart.", x: x, y: y, kind: kind, lines: lines)
    }

    /// A chart of any kind on any axes, with a few points that cannot be drawn.
    private static func chart(using generator: inout some RandomNumberGenerator) -> Chart {
        let kind = [Chart.Kind.line, .steps, .bars].randomElement(using: &generator) ?? .line
        let (x, y) = (
            Chart.Axis(label: "x", unit: "", isLogarithmic: .random(using: &generator)),
            Chart.Axis(label: "y", unit: "", isLogarithmic: .random(using: &generator))
        )
        let (wide, high) = (Double.random(in: -4...7, using: &generator), Double.random(in: -4...7, using: &generator))
        let lines = (0..<Int.random(in: 1...7, using: &generator)).map { _ in
            let count = Int.random(in: 0...30, using: &generator)
            return [(pow(10, wide), pow(10, high))]
                + (0..<count).map { _ -> Plot.Point in
                    let across = pow(10, wide) * Double.random(in: -1...10, using: &generator)
                    let up = pow(10, high) * Double.random(in: -1...10, using: &generator)
                    return (across, Int.random(in: 0...9, using: &generator) == 0 ? .nan : up)
                }
        }
        return chart(kind, x: x, y: y, lines)
    }
}
