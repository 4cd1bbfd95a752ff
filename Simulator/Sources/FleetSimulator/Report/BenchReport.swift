/// What a bench found: its figures, its charts, and the machine they were taken on.
public struct BenchReport: Sendable {
    let machine: BenchMachine
    /// ISO 8601, for people to read; the report never reads it.
    let date: String
    let isQuick: Bool
    let rows: [Bench.Row]
    let charts: [Chart]

    public init(machine: BenchMachine, date: String, isQuick: Bool, rows: [Bench.Row], charts: [Chart]) {
        self.machine = machine
        self.date = date
        self.isQuick = isQuick
        self.rows = rows
        self.charts = charts
    }

    var metCount: Int { rows.count(where: \.isMet) }
}
