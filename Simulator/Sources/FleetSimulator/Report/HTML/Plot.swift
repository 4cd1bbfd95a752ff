/// A chart laid out: where its axes, its ticks and its points are, in the units of the drawing.
struct Plot: Sendable {
    typealias Point = (x: Double, y: Double)

    /// The area that the points lie in; y grows downwards.
    struct Frame: Sendable {
        let left: Double
        let top: Double
        let right: Double
        let bottom: Double
    }

    let chart: Chart
    /// The points that can be drawn, line by line; for bars in ascending order.
    let points: [[Point]]
    let x: Scale
    let y: Scale
    let frame: Frame

    static let width = 420.0
    static let height = 290.0
    /// No less than a system font's digit has at the size of an axis' labels, 12.
    static let digitWidth = 7.4

    /// Nothing when no point can be drawn.
    init?(_ chart: Chart) {
        let points = chart.lines.map { line in
            let drawn = line.points.filter { chart.x.admits($0.x) && chart.y.admits($0.y) }
            return chart.kind == .bars ? drawn.sorted { $0.x < $1.x } : drawn
        }
        guard points.contains(where: { !$0.isEmpty }) else { return nil }
        self.chart = chart
        self.points = points
        x = Self.horizontal(chart, points)
        y = Scale.up(points.joined().map(\.y), isLogarithmic: chart.y.isLogarithmic)
        let labels = y.ticks.labels.map(Self.labelWidth).max() ?? 0
        let (first, last) = (x.ticks.labels.first ?? "", x.ticks.labels.last ?? "")
        frame = Frame(
            left: max(labels + 10, Self.labelWidth(first) / 2), top: 30,
            right: Self.width - max(10, Self.labelWidth(last) / 2 + 2), bottom: Self.height - 46)
    }

    static func labelWidth(_ text: String) -> Double { Double(text.count) * digitWidth }

    private static func horizontal(_ chart: Chart, _ points: [[Point]]) -> Scale {
        let isLogarithmic = chart.x.isLogarithmic
        let values = points.flatMap { line -> [Double] in
            guard chart.kind == .bars else { return line.map(\.x) }
            let spans = BarSpans.around(line.map(\.x), isLogarithmic: isLogarithmic)
            return spans.flatMap { [$0.lowerBound, $0.upperBound] }
        }
        return Scale.along(values, isLogarithmic: isLogarithmic)
    }

    func place(_ point: Point) -> Point { (across(point.x), down(point.y)) }

    func across(_ value: Double) -> Double { frame.left + x.fraction(value) * (frame.right - frame.left) }

    func down(_ value: Double) -> Double { frame.bottom - y.fraction(value) * (frame.bottom - frame.top) }

    /// Which ticks of the x axis are labelled: all, or every second, third and so on, so that none touches the next.
    var labelledTicks: [Int] {
        let indices = Array(x.ticks.values.indices)
        for stride in 1...max(1, indices.count) {
            let kept = indices.filter { $0 % stride == 0 }
            let isFree = zip(kept, kept.dropFirst()).allSatisfy { left, right in
                let gap = across(x.ticks.values[right]) - across(x.ticks.values[left])
                let labels = Self.labelWidth(x.ticks.labels[left]) + Self.labelWidth(x.ticks.labels[right])
                return gap >= labels / 2 + Self.digitWidth
            }
            if isFree { return kept }
        }
        return []
    }
}
