import Testing

@testable import FleetSimulator

@Suite struct FigureTests {
    @Test(arguments: [
        (0.0, "0"), (48_213.4, "48,213"), (1_234_567, "1,234,567"), (99.96, "100"), (61.24, "61.2"), (9.996, "10.0"),
        (2.005_1, "2.01"), (0.907_6, "0.908"), (0.999_7, "1.00"), (0.001_234, "0.00123"), (-12.34, "−12.3"),
        (.nan, "–"), (.infinity, "–"),
    ])
    func `a figure has about three digits, and commas between thousands`(value: Double, text: String) {
        #expect(Figure.text(value) == text)
    }

    @Test(arguments: [(0.8, "0.8"), (3.0, "3"), (1.25, "1.25"), (1_000, "1,000"), (0.05, "0.05")])
    func `a short figure ends with a digit that is needed`(value: Double, text: String) {
        #expect(Figure.short(value) == text)
    }

    /// A stall of a second among a thousand quick answers makes nearly half of all reports wait, and is one gap of a thousand.
    @Test func `a percentile of waits counts whoever falls due within a stall`() {
        #expect(Bench.percentile99(Array(repeating: 1, count: 1_000) + [1_000]) == 980)
        #expect(Bench.percentile99([4, 4, 4, 4]) == 3.96)
        #expect(Bench.percentile99([]) == 0)
    }
}
