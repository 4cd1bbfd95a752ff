import DeviceAgent
import Foundation
import SyncCore
import TestSupport
import Testing

/// A fleet that did something together does not stay together.
@Suite struct CheckInScheduleTests {
    @Test func `a device's place follows from its id`() throws {
        let file = Repository.root.appendingPathComponent("Protocol/Vectors/phase.json")
        let cases = try JSONReader.read(Array(try Data(contentsOf: file)))["phases"]?.array ?? []
        #expect(cases.count >= 6)
        for entry in cases {
            let device = try #require(entry["device"]?.string)
            let interval = Int(try #require(entry["interval"]?.integer))
            #expect(CheckInSchedule.phase(of: device, interval: interval) == entry["phase"]?.integer.map(Int.init))
        }
    }

    @Test(arguments: [(0, 1.0, 1.1), (30, 30, 33), (900, 900, 990), (1_000_000, 86_400, 95_040)])
    func `a hint is clamped first, then comes jitter`(hint: Int, least: Double, most: Double) {
        var generator = SeededGenerator(for: "hints")
        let waits = (0..<2_000).map { _ in CheckInSchedule.wait(hint: hint, using: &generator) }
        #expect(waits.allSatisfy { (least...most).contains($0) })
        // Spread over the whole tenth, also where the hint was beyond the clamp.
        #expect((waits.max() ?? 0) - (waits.min() ?? 0) > (most - least) * 0.9)
    }

    @Test func `switched on together, a fleet is spread over the interval after one round`() {
        var generator = SeededGenerator(for: "switched on together")
        let (devices, interval) = (20_000, 900)
        var perMinute = Array(repeating: 0, count: 15)
        for number in 0..<devices {
            let device = "d\(number)"
            var now = 1_000.0
            for _ in 0..<3 {
                let wait = CheckInSchedule.quietWait(device: device, interval: interval, now: now, using: &generator)
                #expect((450...1_440).contains(wait), "\(device) waits \(wait)")
                now += wait
            }
            perMinute[Int(now.truncatingRemainder(dividingBy: 900)) / 60] += 1
        }
        let mean = devices / perMinute.count
        #expect(perMinute.allSatisfy { abs($0 - mean) < mean / 5 }, "\(perMinute)")
    }
}
