extension HTMLReport {
    static func figures(_ report: BenchReport) -> [Markup] {
        guard !report.rows.isEmpty else { return [] }
        // On a phone the rows are no table to the style sheet; the roles keep them one to a screen reader.
        let heads = [
            ("What was measured", "what"), ("Measured", "number"), ("Ceiling", "number"), ("Ratio", "number"),
            ("Against the target", "aim"), ("Verdict", "verdict"),
        ]
        let head = Markup.tag(
            "tr", ["role": "row"],
            heads.map { .tag("th", ["role": "columnheader", "scope": "col", "class": $1], [.text($0)]) })
        return [
            .tag(
                "section", ["aria-labelledby": "figures"],
                [
                    .tag("h2", ["id": "figures"], ["Figures"]),
                    .tag(
                        "table", ["role": "table", "aria-labelledby": "figures"],
                        [
                            .tag("thead", ["role": "rowgroup"], [head]),
                            .tag("tbody", ["role": "rowgroup"], report.rows.map(line)),
                        ]),
                    .tag("p", ["class": "note"], [.text(note)]),
                ])
        ]
    }

    private static let note =
        "In the bars the upright mark is the target, at the same place in every row; the tinted side of it is where the "
        + "bar should end."

    private static func line(_ row: Bench.Row) -> Markup {
        let note = RowNotes.note(for: row.name)
        let what = Markup.tag(
            "th", ["role": "rowheader", "scope": "row", "class": "what"],
            [
                .tag("span", ["class": "title"], [.text(note.title)]),
                .tag("span", ["class": "words"], [.text(note.sentence)]),
                .tag("span", ["class": "unit"], [.tag("code", [:], [.text(row.name)]), .text(" · \(unit(row))")]),
            ])
        let aim = Markup.tag(
            "td", ["role": "cell", "class": "aim"],
            [
                Gauge(row: row).drawing,
                .tag(
                    "span", ["class": "words"],
                    [.text("\(row.direction == .atLeast ? "at least" : "at most") \(Figure.short(row.target))")]),
            ])
        return .tag(
            "tr", ["role": "row"],
            [
                what, number(row.ours, "Measured"), number(row.ceiling, "Ceiling"), number(row.ratio, "Ratio"), aim,
                .tag("td", ["role": "cell", "class": "verdict"], [verdict(row)]),
            ])
    }

    private static func number(_ value: Double, _ label: String) -> Markup {
        .tag("td", ["role": "cell", "class": "number", "data-label": label], [.text(Figure.text(value))])
    }

    /// `requests/server-cpu-second` as one says it.
    private static func unit(_ row: Bench.Row) -> String {
        row.unit.split(separator: "/").joined(separator: " per ").split(separator: "-").joined(separator: " ")
    }

    /// The word, and a shape that differs without its colour: a filled disc with a tick, an open diamond with a cross.
    private static func verdict(_ row: Bench.Row) -> Markup {
        let shapes: [Markup] =
            row.isMet
            ? [
                .tag("circle", ["class": "body", "cx": "9", "cy": "9", "r": "8"]),
                .tag("path", ["class": "sign", "d": "M5 9.3l2.8 2.8l5.2 -5.8"]),
            ]
            : [
                .tag("path", ["class": "body", "d": "M9 0.8l8.2 8.2l-8.2 8.2l-8.2 -8.2z"]),
                .tag("path", ["class": "sign", "d": "M6.5 6.5l5 5M11.5 6.5l-5 5"]),
            ]
        let shape = Markup.tag(
            "svg", ["xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 18 18", "aria-hidden": "true"], shapes)
        return .tag(
            "span", ["class": row.isMet ? "met" : "missed"],
            [shape, .tag("span", [:], [row.isMet ? "met" : "not met"])])
    }
}
