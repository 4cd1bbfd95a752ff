/// A ratio beside its target: a bar, and a mark at the same place in every row for where it should end.
struct Gauge: Sendable {
    let row: Bench.Row

    static let width = 150.0
    private static let height = 16.0
    /// Where the target is; a bar of twice the target would leave the gauge.
    static let target = 90.0

    /// How long the bar is, at most the whole gauge.
    var length: Double {
        guard row.ratio.isFinite, row.target > 0 else { return 0 }
        return min(Self.width, max(0, row.ratio / row.target * Self.target))
    }

    private var isCut: Bool { length == Self.width }

    /// At the end of a bar that goes on beyond the gauge.
    private static let arrow = Markup.tag("path", ["class": "more", "d": "M141 5.5l5 2.5l-5 2.5z"])

    var drawing: Markup {
        let zone = row.direction == .atLeast ? (Self.target, Self.width - Self.target) : (0, Self.target)
        return .tag(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "class": row.isMet ? "gauge met" : "gauge missed", "role": "img",
                "viewBox": "0 0 \(Self.width.pixels) \(Self.height.pixels)", "aria-label": words,
            ],
            [
                box("track", x: 0, y: 3, width: Self.width, height: 10),
                box("zone", x: zone.0, y: 3, width: zone.1, height: 10),
                box("reach", x: 0, y: 5, width: length, height: 6),
                box("target", x: Self.target - 1, y: 0, width: 2, height: Self.height),
            ] + (isCut ? [Self.arrow] : []))
    }

    private var words: String {
        "ratio \(Figure.short(row.ratio)), target \(row.direction == .atLeast ? "at least" : "at most") "
            + Figure.short(row.target)
    }

    private func box(_ style: String, x: Double, y: Double, width: Double, height: Double) -> Markup {
        .tag(
            "rect",
            [
                "class": style, "x": x.pixels, "y": y.pixels, "width": width.pixels, "height": height.pixels,
            ])
    }
}
