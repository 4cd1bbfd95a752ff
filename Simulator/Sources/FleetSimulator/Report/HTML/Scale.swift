#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where the values of one axis lie between its ends.
struct Scale: Sendable {
    let isLogarithmic: Bool
    let bounds: ClosedRange<Double>
    let ticks: Ticks

    /// An axis along which one reads: from the first value to the last, and from zero where that is near.
    static func along(_ values: [Double], isLogarithmic: Bool) -> Scale {
        let range = spread(values, isLogarithmic)
        if isLogarithmic { return Scale(isLogarithmic: true, bounds: range, ticks: .logarithmic(in: range)) }
        let nearZero = range.lowerBound > 0 && range.lowerBound <= range.upperBound / 3
        let bounds = nearZero ? 0...range.upperBound : range
        return Scale(isLogarithmic: false, bounds: bounds, ticks: .linear(in: bounds))
    }

    /// An axis on which one measures: from zero, or from the round value under the least on a logarithmic one, to the
    /// round value over the greatest.
    static func up(_ values: [Double], isLogarithmic: Bool) -> Scale {
        guard !isLogarithmic else {
            let range = spread(values, true)
            let bounds = rounded(range.lowerBound, .down)...rounded(range.upperBound, .up)
            return Scale(isLogarithmic: true, bounds: bounds, ticks: .logarithmic(in: bounds))
        }
        let (low, high) = (min(0, values.min() ?? 0), max(0, values.max() ?? 0))
        let range = low < high ? low...high : 0...1
        let step = Step(for: range, most: 7)
        let bounds = step.widened(range)
        return Scale(isLogarithmic: false, bounds: bounds, ticks: .every(step, in: bounds))
    }

    /// 0 at the lower end, 1 at the upper; a value outside is held at the end it is beyond.
    func fraction(_ value: Double) -> Double {
        let (low, high) = (place(bounds.lowerBound), place(bounds.upperBound))
        return min(1, max(0, (place(value) - low) / (high - low)))
    }

    private func place(_ value: Double) -> Double { isLogarithmic ? log10(value) : value }

    /// From the least value to the greatest, widened where these are one.
    private static func spread(_ values: [Double], _ isLogarithmic: Bool) -> ClosedRange<Double> {
        let (low, high) = (values.min() ?? (isLogarithmic ? 1 : 0), values.max() ?? 1)
        if isLogarithmic { return high / low > 1.5 ? low...high : low / 2...high * 2 }
        guard high - low <= max(abs(low), abs(high)) * 1e-6 else { return low...high }
        let margin = low == 0 ? 0.5 : abs(low) / 2
        return low - margin...high + margin
    }

    /// The next 1, 2 or 5 times a power of ten that is clearly under or over a value.
    private static func rounded(_ value: Double, _ direction: FloatingPointRoundingRule) -> Double {
        let power = Ticks.decade(under: value)
        let rounds = (power - 1...power + 1).flatMap { power in [1, 2, 5].map { Step(digit: $0, power: power).size } }
        // A bar needs some height even where its value is round.
        if direction == .down { return rounds.last { $0 <= value * 0.9 } ?? value / 2 }
        return rounds.first { $0 >= value * 0.999_999 } ?? value * 2
    }
}
