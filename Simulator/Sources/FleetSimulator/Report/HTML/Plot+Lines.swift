extension Plot {
    /// More than these and the points are told by the line alone.
    private static let markedPoints = 24

    /// One line of the chart, in the colour and the strokes of its index.
    func line(_ index: Int) -> Markup {
        .tag("g", ["class": LineStyle.name(index)], chart.kind == .bars ? bars(index) : stroke(index))
    }

    private func stroke(_ index: Int) -> [Markup] {
        let places = points[index].map(place)
        guard let first = places.first else { return [] }
        var path = "M\(first.x.pixels) \(first.y.pixels)"
        for place in places.dropFirst() {
            let (across, down) = (place.x.pixels, place.y.pixels)
            path += chart.kind == .steps ? "H\(across)V\(down)" : "L\(across) \(down)"
        }
        let line = Markup.tag("path", ["class": "stroke", "d": path])
        guard places.count <= Self.markedPoints, chart.kind == .line || places.count == 1 else { return [line] }
        let marks = zip(points[index], places).map { point, place in
            Markup.tag(
                "path", ["class": "mark", "d": LineStyle.mark(index, at: place)],
                [.tag("title", [:], [.text(words(point))])])
        }
        return [line] + marks
    }

    private func bars(_ index: Int) -> [Markup] {
        let base = down(y.isLogarithmic ? y.bounds.lowerBound : 0)
        let spans = BarSpans.around(points[index].map(\.x), isLogarithmic: x.isLogarithmic)
        let isAlone = chart.lines.count == 1
        var outline = ""
        var end = -Double.infinity
        let bars = zip(points[index], spans).map { point, span in
            let (left, right, top) = (across(span.lowerBound), across(span.upperBound), down(point.y))
            if left > end + 0.5 {
                outline += (outline.isEmpty ? "" : "V\(base.pixels)") + "M\(left.pixels) \(base.pixels)"
            }
            outline += "V\(top.pixels)H\(right.pixels)"
            end = right
            return Markup.tag(
                "rect",
                [
                    "class": isAlone ? "bar" : "bar sheer", "x": left.pixels, "y": min(top, base).pixels,
                    "width": max(right - left, 0.5).pixels, "height": abs(base - top).pixels,
                ], [.tag("title", [:], [.text(words(point))])])
        }
        guard !isAlone, !bars.isEmpty else { return bars }
        return bars + [.tag("path", ["class": "outline", "d": "\(outline)V\(base.pixels)"])]
    }
}
