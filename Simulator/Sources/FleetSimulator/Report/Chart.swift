/// Points to be drawn, and how.
public struct Chart: Sendable {
    public struct Axis: Sendable {
        public let label: String
        public let unit: String
        public let isLogarithmic: Bool

        public init(label: String, unit: String = "", isLogarithmic: Bool = false) {
            self.label = label
            self.unit = unit
            self.isLogarithmic = isLogarithmic
        }
    }

    public enum Kind: Sendable { case line, steps, bars }

    public struct Line: Sendable {
        public let name: String
        public let points: [(x: Double, y: Double)]

        public init(name: String, points: [(x: Double, y: Double)]) {
            self.name = name
            self.points = points
        }
    }

    public let title: String
    public let subtitle: String
    public let x: Axis
    public let y: Axis
    public let kind: Kind
    public let lines: [Line]

    public init(title: String, subtitle: String, x: Axis, y: Axis, kind: Kind, lines: [Line]) {
        self.title = title
        self.subtitle = subtitle
        self.x = x
        self.y = y
        self.kind = kind
        self.lines = lines
    }
}
