import Foundation
import TestSupport
import Testing

@testable import FleetSimulator

@Suite struct TicksTests {
    @Test func `linear ticks are few, round, even and inside their range`() {
        var generator = SeededGenerator(for: "linear ticks")
        for _ in 0..<5_000 {
            let size = pow(10, Double.random(in: -9...15, using: &generator))
            let low = Double.random(in: -size...size, using: &generator)
            let range = low...low + size * Double.random(in: 0.001...1, using: &generator)
            let span = range.upperBound - range.lowerBound
            let ticks = Ticks.linear(in: range).values
            #expect((3...10).contains(ticks.count), "\(range): \(ticks)")
            #expect(ticks.allSatisfy { range.lowerBound - span * 1e-6 <= $0 && $0 <= range.upperBound + span * 1e-6 })
            let steps = zip(ticks, ticks.dropFirst()).map { $1 - $0 }
            guard let step = steps.first else { continue }
            #expect(steps.allSatisfy { abs($0 - step) < step * 1e-6 }, "\(range): \(ticks)")
            #expect([1, 2, 5, 10].contains { abs(Self.digit(of: step) - $0) < 1e-6 }, "\(range): \(ticks)")
        }
    }

    @Test func `logarithmic ticks are powers, or 1, 2 and 5 times one where powers are few`() {
        var generator = SeededGenerator(for: "logarithmic ticks")
        for _ in 0..<5_000 {
            let power = Double.random(in: -9...9, using: &generator)
            let decades = Double.random(in: 1.2...9, using: &generator)
            let range = pow(10, power)...pow(10, power + decades)
            let ticks = Ticks.logarithmic(in: range).values
            #expect((3...10).contains(ticks.count), "\(range): \(ticks)")
            #expect(ticks.allSatisfy { range.lowerBound * 0.999 <= $0 && $0 <= range.upperBound * 1.001 })
            let digits = decades >= 3 ? [1.0, 10] : [1, 2, 5, 10]
            #expect(
                ticks.allSatisfy { tick in digits.contains { abs(Self.digit(of: tick) - $0) < 1e-6 } },
                "\(range): \(ticks)")
            #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    @Test func `a range too short for powers has even ticks`() {
        #expect(Ticks.logarithmic(in: 11...19).values.count >= 3)
    }

    @Test(arguments: [
        (0.0...120_000, ["0", "20,000", "40,000", "60,000", "80,000", "100,000", "120,000"]),
        (0.0...0.3, ["0.00", "0.05", "0.10", "0.15", "0.20", "0.25", "0.30"]),
        (-5.0...5, ["−4", "−2", "0", "2", "4"]),
        (0.0...3_000_000, ["0.0 M", "0.5 M", "1.0 M", "1.5 M", "2.0 M", "2.5 M", "3.0 M"]),
    ])
    func `labels have the digits of their step`(range: ClosedRange<Double>, labels: [String]) {
        #expect(Ticks.linear(in: range).labels == labels)
    }

    @Test func `logarithmic labels have the digits of their own value`() {
        #expect(Ticks.logarithmic(in: 0.01...10).labels == ["0.01", "0.1", "1", "10"])
        #expect(Ticks.logarithmic(in: 1_000...126_000).labels == ["1,000", "10,000", "100,000"])
    }

    /// The first digit with what follows it, from 1 to 10.
    private static func digit(of value: Double) -> Double { value / pow(10, (log10(value) + 1e-9).rounded(.down)) }
}
