#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The round values at which an axis is marked: three to ten of them, in ascending order.
struct Ticks: Sendable {
    let values: [Double]
    let labels: [String]

    /// Finer than eight and labels stand too close.
    private static let most = 8
    private static let fewest = 3

    /// Multiples of 1, 2 or 5 times a power of ten.
    ///
    /// - Precondition: the range is not empty, and wider than its ends' rounding.
    static func linear(in range: ClosedRange<Double>) -> Ticks { every(Step(for: range, most: most), in: range) }

    static func every(_ step: Step, in range: ClosedRange<Double>) -> Ticks {
        let values = step.indices(in: range).map(step.multiple)
        let largest = values.map { abs($0) }.max() ?? 0
        return Ticks(values: values, labels: values.map { label($0, step: step.size, largest: largest) })
    }

    /// Powers of ten; between them 2 and 5 times one where powers are few; even steps where these are few, too.
    static func logarithmic(in range: ClosedRange<Double>) -> Ticks {
        let (low, high) = (Int((log10(range.lowerBound) - 1e-9).rounded(.up)), decade(under: range.upperBound))
        let powers = low <= high ? Array(low...high) : []
        let stride = (powers.count + most - 1) / most
        var values = powers.filter { stride < 2 || ($0 - low) % stride == 0 }.map { Step.power(of: $0) }
        if values.count < fewest {
            values = (low - 1...max(low - 1, high)).flatMap { power in
                [1, 2, 5].map { Step(digit: $0, power: power).size }
            }
            values = values.filter { range.lowerBound <= $0 && $0 <= range.upperBound }
        }
        guard values.count >= fewest else { return linear(in: range) }
        return Ticks(values: values, labels: values.map { label($0, step: $0, largest: $0) })
    }

    /// The power of ten at or under a value.
    static func decade(under value: Double) -> Int { Int((log10(value) + 1e-9).rounded(.down)) }

    private static let prefixes = [(1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M")]

    /// A tick's text, with as many digits behind the point as its step has.
    private static func label(_ value: Double, step: Double, largest: Double) -> String {
        guard largest > 0, value != 0 || step < 1e6 else { return "0" }
        let prefix = prefixes.first { largest >= $0.0 * 0.999_999 }
        let (value, step) = (value / (prefix?.0 ?? 1), step / (prefix?.0 ?? 1))
        let text = Figure.fixed(value, decimals: max(0, -decade(under: step)))
        return prefix.map { "\(text) \($0.1)" } ?? text
    }
}
