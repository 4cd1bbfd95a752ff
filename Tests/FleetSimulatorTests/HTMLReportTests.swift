import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif
@testable import FleetSimulator

@Suite struct HTMLReportTests {
    private static let hostile = "<script>\"a\" & 'b'</script>\u{0}\u{1B}"

    @Test func `a report is well-formed, whatever its texts are`() {
        let axis = Chart.Axis(label: Self.hostile, unit: Self.hostile)
        let lines = [
            Chart.Line(name: Self.hostile, points: [(0, 1), (.nan, 2), (3, .infinity), (4, 5)]),
            Chart.Line(name: "empty", points: []),
        ]
        let charts = [Chart.Kind.line, .steps, .bars].map { kind in
            Chart(title: Self.hostile, subtitle: Self.hostile, x: axis, y: axis, kind: kind, lines: lines)
        }
        let text = HTMLReport.text(of: Self.report(rows: [Self.row(Self.hostile, ours: 9)], charts: charts))
        #expect(Self.isWellFormed(text))
        #expect(!text.contains("<script"))
        #expect(!text.contains("\u{1B}"))
        #expect(text.components(separatedBy: "&lt;script&gt;").count > 10)
    }

    @Test func `a report with nothing in it is a page, too`() {
        let axis = Chart.Axis(label: "Time", unit: "seconds")
        let empty = Chart(title: "Empty", subtitle: "Nothing.", x: axis, y: axis, kind: .line, lines: [])
        for charts in [[], [empty]] {
            let text = HTMLReport.text(of: Self.report(rows: [], charts: charts))
            #expect(Self.isWellFormed(text))
            #expect(text.contains("No figures were taken"))
            #expect(text.contains("Nothing was measured.") == !charts.isEmpty)
        }
    }

    @Test func `the headline counts what is met, and every row says it in words`() {
        let rows = [90, 10, .nan].map { Self.row("wake-all", ours: $0) }
        let text = HTMLReport.text(of: Self.report(rows: rows, charts: []))
        #expect(text.contains(">1 of 3 targets are met<"))
        #expect(text.components(separatedBy: ">met<").count == 2)
        #expect(text.components(separatedBy: ">not met<").count == 3)
        #expect(!text.lowercased().contains("nan"))
    }

    @Test func `a page loads nothing`() {
        let text = HTMLReport.text(of: Self.report(rows: [Self.row("wake-all", ours: 1)], charts: []))
        for word in ["href", "src=", "url(", "@import", "<script"] { #expect(!text.contains(word)) }
        let addresses = text.components(separatedBy: "http").dropFirst()
        #expect(addresses.allSatisfy { $0.hasPrefix("://www.w3.org/2000/svg\"") })
    }

    @Test func `a gauge ends where it is cut off`() {
        for ours in [-5, 0, 40, 80, 1e9, .nan, .infinity] {
            #expect((0...Gauge.width).contains(Gauge(row: Self.row("wake-all", ours: ours)).length))
        }
        #expect(Gauge(row: Self.row("wake-all", ours: 80)).length == Gauge.target)
    }

    @Test func `JSON keeps the rows as they were, and adds the machine and the charts`() throws {
        let axis = Chart.Axis(label: "Time", unit: "seconds")
        let line = Chart.Line(name: "a", points: [(1, 2), (.nan, 3)])
        let chart = Chart(title: "Chart", subtitle: "A chart.", x: axis, y: axis, kind: .steps, lines: [line])
        let rows = [Self.row("wake-all", ours: 1)]
        let json = Self.report(rows: rows, charts: [chart]).json
        #expect(json.hasPrefix(Bench.json(rows).dropLast(2)))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect(Set(object.keys) == ["results", "machine", "date", "quick", "charts"])
        let first = try #require((object["charts"] as? [[String: Any]])?.first?["lines"] as? [[String: Any]])
        #expect(first[0]["points"] as? [[Double]] == [[1, 2]])
    }

    @Test func `a machine is what Linux says it is`() {
        let machine = BenchMachine(
            cpuinfo: "processor\t: 0\nmodel name\t: Example 9000\nmodel name\t: other\n",
            meminfo: "MemTotal:       24660000 kB\nMemFree: 1 kB\n", release: "6.1.0-example\n", cores: 2)
        #expect(machine.processor == "Example 9000")
        #expect(machine.memoryGiB == 23.5)
        #expect(machine.kernel == "6.1.0-example")
        let nothing = BenchMachine(cpuinfo: "", meminfo: "", release: "", cores: 1)
        #expect((nothing.processor, nothing.memoryGiB, nothing.kernel) == ("unknown", 0, "unknown"))
    }

    @Test(arguments: [
        "idle-check-in", "full-answer", "delta-answer", "parked-memory", "wake-all", "durable-reports",
        "push-ack-flatness", "push-held", "push-proven", "start-up", "class-resolution", "idle-bytes", "push-bytes",
        "handset-memory",
    ])
    func `a row is explained`(name: String) { #expect(!RowNotes.note(for: name).sentence.isEmpty) }

    private static func row(_ name: String, ours: Double) -> Bench.Row {
        Bench.Row(name: name, unit: "requests/second", ours: ours, ceiling: 100, target: 0.8, direction: .atLeast)
    }

    private static func report(rows: [Bench.Row], charts: [Chart]) -> BenchReport {
        BenchReport(machine: .current(), date: "2026-01-02T03:04:05Z", isQuick: true, rows: rows, charts: charts)
    }

    private static func isWellFormed(_ text: String) -> Bool { XMLParser(data: Data(text.utf8)).parse() }
}
