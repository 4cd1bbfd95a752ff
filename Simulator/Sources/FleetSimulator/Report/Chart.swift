/// A drawing of what was measured: points on two axes, in one or more lines.
///
/// A point that cannot be drawn, because it is no number or not above zero on a logarithmic axis, is left out.
public struct Chart: Sendable {
    /// How the points of a line are joined.
    public enum Kind: String, Encodable, Sendable {
        case line
        /// A value holds until the next point.
        case steps
        /// A point is the top of a bar, and the middle of it on the x axis.
        case bars
    }

    public struct Axis: Hashable, Encodable, Sendable {
        let label: String
        /// Empty when the label says it all.
        let unit: String
        let isLogarithmic: Bool

        public init(label: String, unit: String = "", isLogarithmic: Bool = false) {
            self.label = label
            self.unit = unit
            self.isLogarithmic = isLogarithmic
        }

        var text: String { unit.isEmpty ? label : "\(label), \(unit)" }

        /// Beyond these magnitudes sums and steps lose their last digits.
        private static let magnitudes = 1e-12...1e18

        func admits(_ value: Double) -> Bool {
            guard value.isFinite, value == 0 || Self.magnitudes.contains(abs(value)) else { return false }
            return !isLogarithmic || value > 0
        }
    }

    public struct Line: Sendable {
        let name: String
        let points: [(x: Double, y: Double)]

        public init(name: String, points: [(x: Double, y: Double)]) {
            self.name = name
            self.points = points
        }
    }

    let title: String
    /// One sentence that says how to read the chart.
    let subtitle: String
    let x: Axis
    let y: Axis
    let kind: Kind
    let lines: [Line]

    public init(title: String, subtitle: String, x: Axis, y: Axis, kind: Kind, lines: [Line]) {
        self.title = title
        self.subtitle = subtitle
        self.x = x
        self.y = y
        self.kind = kind
        self.lines = lines
    }
}
