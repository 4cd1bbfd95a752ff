/// A bench's report as one page that needs nothing else: no script, no picture, no network.
///
/// The page is well-formed XML, too, so that a reader that is strict can read it.
public enum HTMLReport {
    public static func text(of report: BenchReport) -> String {
        let head = Markup.tag(
            "head", [:],
            [
                .tag("meta", ["charset": "utf-8"]),
                .tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                .tag("meta", ["name": "color-scheme", "content": "light dark"]),
                .tag("title", [:], [.text("Consigne bench: \(headline(report))")]),
                .tag("style", [:], [.text(style)]),
            ])
        let main = Markup.tag("main", [:], [header(report)] + figures(report) + drawings(report))
        let page = Markup.tag("html", ["lang": "en"], [head, .tag("body", [:], [main])])
        return "<!DOCTYPE html>\n\(page.written)\n"
    }

    static func headline(_ report: BenchReport) -> String {
        switch report.rows.count {
        case 0: "No figures were taken"
        case 1: report.metCount == 1 ? "The one target is met" : "The one target is not met"
        case report.metCount: "All \(report.metCount) targets are met"
        case let count: "\(report.metCount) of \(count) targets are met"
        }
    }

    private static func header(_ report: BenchReport) -> Markup {
        let machine = report.machine
        let facts = [
            ("Date", report.date), ("Processor", machine.processor), ("Cores", "\(machine.cores)"),
            ("Memory", "\(Figure.short(machine.memoryGiB)) GiB"), ("Kernel", machine.kernel),
            ("Rounds", report.isQuick ? "few, a quick run" : "all, a full run"),
        ]
        return .tag(
            "header", [:],
            [
                .tag("p", ["class": "over"], ["Consigne · bench report"]),
                .tag("h1", [:], [.text(headline(report))]),
                .tag("p", ["class": "lead"], [.text(lead)]),
                .tag("dl", [:], facts.map(fact)),
            ])
    }

    private static func fact(_ name: String, _ value: String) -> Markup {
        .tag("div", [:], [.tag("dt", [:], [.text(name)]), .tag("dd", [:], [.text(value)])])
    }

    private static let lead =
        "Every figure stands beside a ceiling that was taken in the same run on the same machine. A target is set for "
        + "the ratio of the two, so that it holds on a slow machine as on a fast one."

    private static func drawings(_ report: BenchReport) -> [Markup] {
        guard !report.charts.isEmpty else { return [] }
        let charts = report.charts.enumerated().map { figure($1, id: "chart\($0 + 1)") }
        return [
            .tag(
                "section", ["aria-labelledby": "charts"],
                [.tag("h2", ["id": "charts"], ["Charts"]), .tag("div", ["class": "charts"], charts)])
        ]
    }

    private static func figure(_ chart: Chart, id: String) -> Markup {
        let caption = Markup.tag(
            "figcaption", [:],
            [.tag("h3", [:], [.text(chart.title)]), .tag("p", [:], [.text(chart.subtitle)])])
        let drawing = Plot(chart)?.drawing(id: id) ?? .tag("p", ["class": "empty"], ["Nothing was measured."])
        return .tag("figure", [:], [caption] + legend(chart) + [drawing])
    }

    private static func legend(_ chart: Chart) -> [Markup] {
        guard chart.lines.count > 1 else { return [] }
        let entries = chart.lines.enumerated().map { index, line in
            Markup.tag("li", [:], [LineStyle.sample(index, kind: chart.kind), .text(line.name)])
        }
        return [.tag("ul", ["class": "legend"], entries)]
    }
}
