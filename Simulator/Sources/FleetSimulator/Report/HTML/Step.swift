#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A round distance: 1, 2 or 5 times a power of ten.
struct Step: Sendable {
    let digit: Int
    let power: Int

    /// How far a bound may miss a multiple and still count as one, in steps.
    private static let slack = 1e-9

    init(digit: Int, power: Int) {
        self.digit = digit
        self.power = power
    }

    /// The finest step with no more than so many multiples in a range; with eight or more wanted there are at least
    /// three, because no step is more than 2.5 times the one before.
    init(for range: ClosedRange<Double>, most: Int) {
        let span = range.upperBound - range.lowerBound
        let power = Int((log10(span) - 3).rounded(.down))
        let finer = (power...power + 4).flatMap { power in [1, 2, 5].map { Step(digit: $0, power: power) } }
        self = finer.first { $0.indices(in: range).count <= most } ?? Step(digit: 1, power: power + 5)
    }

    var size: Double { multiple(1) }

    /// Divides for a fraction, so that three times 0.1 is 0.3 and not a bit more.
    func multiple(_ index: Int) -> Double {
        let count = Double(index) * Double(digit)
        return power < 0 ? count / Self.power(of: -power) : count * Self.power(of: power)
    }

    /// Which multiples lie in a range.
    func indices(in range: ClosedRange<Double>) -> Range<Int> {
        let first = Int((range.lowerBound / size - Self.slack).rounded(.up))
        let last = Int((range.upperBound / size + Self.slack).rounded(.down))
        return first..<max(first, last + 1)
    }

    /// The range, widened to multiples at both ends.
    func widened(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
        let first = Int((range.lowerBound / size + Self.slack).rounded(.down))
        let last = Int((range.upperBound / size - Self.slack).rounded(.up))
        return multiple(first)...multiple(max(last, first + 1))
    }

    static func power(of exponent: Int) -> Double {
        exponent < 0 ? 1 / pow(10, Double(-exponent)) : pow(10, Double(exponent))
    }
}
