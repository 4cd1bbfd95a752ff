/// How the lines of one chart are told apart: by colour, by stroke and by the shape of their points.
enum LineStyle {
    /// As many as the style sheet has; a seventh line looks like the first.
    static let count = 6

    static func name(_ index: Int) -> String { "line\(index % count)" }

    /// A point's shape as a path: a disc, a square, a triangle, a diamond, a triangle on its head, a cross bar.
    static func mark(_ index: Int, at place: (x: Double, y: Double)) -> String {
        let start = { (across: Double, down: Double) in "M\((place.x + across).pixels) \((place.y + down).pixels)" }
        return switch index % count {
        case 0: start(-4, 0) + "a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z"
        case 1: start(-3.5, -3.5) + "h7v7h-7z"
        case 2: start(0, -5) + "l4.6 8.4h-9.2z"
        case 3: start(0, -5) + "l5 5l-5 5l-5 -5z"
        case 4: start(0, 5) + "l4.6 -8.4h-9.2z"
        default: start(-5, -2) + "h10v4h-10z"
        }
    }

    /// A short piece of a line, for the legend.
    static func sample(_ index: Int, kind: Chart.Kind) -> Markup {
        let shapes: [Markup] =
            switch kind {
            case .bars:
                [
                    .tag("rect", ["class": "bar sheer", "x": "1", "y": "3", "width": "11", "height": "10"]),
                    .tag("path", ["class": "outline", "d": "M1 3H12V13H1z"]),
                ]
            case .steps: [.tag("path", ["class": "stroke", "d": "M0 8H28"])]
            case .line:
                [
                    .tag("path", ["class": "stroke", "d": "M0 8H28"]),
                    .tag("path", ["class": "mark", "d": mark(index, at: (14, 8))]),
                ]
            }
        let width = kind == .bars ? "14" : "28"
        return .tag(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "class": "sample \(name(index))", "viewBox": "0 0 \(width) 16",
                "width": width, "height": "16", "aria-hidden": "true",
            ], shapes)
    }
}
