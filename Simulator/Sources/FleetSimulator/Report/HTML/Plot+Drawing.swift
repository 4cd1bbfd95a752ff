extension Plot {
    /// The drawing, with its name and what it shows for those who cannot see it.
    ///
    /// - Parameter id: unlike any other on the page.
    func drawing(id: String) -> Markup {
        .tag(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "class": "plot", "role": "img",
                "viewBox": "0 0 \(Self.width.pixels) \(Self.height.pixels)",
                "aria-labelledby": "\(id)-name \(id)-words",
            ],
            [
                .tag("title", ["id": "\(id)-name"], [.text(chart.title)]),
                .tag("desc", ["id": "\(id)-words"], [.text(words)]),
                grid, .tag("g", [:], chart.lines.indices.map(line)), axes,
            ])
    }

    /// What each line spans.
    private var words: String {
        let lines = zip(chart.lines, points).map { line, points in
            guard let first = points.first, let last = points.last else { return "\(line.name): no figures." }
            return "\(line.name): from \(words(first)) to \(words(last))."
        }
        return ([chart.subtitle] + lines).joined(separator: " ")
    }

    func words(_ point: Point) -> String { "\(Self.words(point.y, chart.y)) at \(Self.words(point.x, chart.x))" }

    private static func words(_ value: Double, _ axis: Chart.Axis) -> String {
        axis.unit.isEmpty ? Figure.short(value) : "\(Figure.short(value)) \(axis.unit)"
    }

    private var grid: Markup {
        let level = y.ticks.values.map { value in
            rule((frame.left, down(value)), (frame.right, down(value)), "grid")
        }
        let upright = x.ticks.values.map { value in
            rule((across(value), frame.top), (across(value), frame.bottom), "grid")
        }
        return .tag("g", ["aria-hidden": "true"], level + upright)
    }

    /// The axes with their labels, over the lines so that these do not cover them.
    private var axes: Markup {
        let left = zip(y.ticks.values, y.ticks.labels).map { value, label in
            text(label, at: (frame.left - 6, down(value) + 4), "end")
        }
        let under = labelledTicks.map { index in
            text(x.ticks.labels[index], at: (across(x.ticks.values[index]), frame.bottom + 18), "middle")
        }
        let marks = x.ticks.values.map { value in
            rule((across(value), frame.bottom), (across(value), frame.bottom + 4), "axis")
        }
        let base = rule((frame.left, frame.bottom), (frame.right, frame.bottom), "axis")
        let names = [
            text(chart.y.text, at: (2, 14), "start", "name"),
            text(chart.x.text, at: (frame.right, Self.height - 8), "end", "name"),
        ]
        return .tag("g", ["aria-hidden": "true"], [base] + marks + left + under + names)
    }

    private func rule(_ from: Point, _ to: Point, _ style: String) -> Markup {
        .tag(
            "line",
            ["class": style, "x1": from.x.pixels, "y1": from.y.pixels, "x2": to.x.pixels, "y2": to.y.pixels])
    }

    /// A text too long for the drawing is set tighter instead of being cut off.
    private func text(_ text: String, at point: Point, _ anchor: String, _ style: String = "tick") -> Markup {
        let room = Self.width - 4
        guard Self.labelWidth(text) > room else {
            return .tag(
                "text", ["class": style, "x": point.x.pixels, "y": point.y.pixels, "text-anchor": anchor],
                [.text(text)])
        }
        return .tag(
            "text",
            [
                "class": style, "x": "2", "y": point.y.pixels, "textLength": room.pixels,
                "lengthAdjust": "spacingAndGlyphs",
            ], [.text(text)])
    }
}
