import Testing

@testable import FleetSimulator

@Suite struct TimerWheelTests {
    @Test func `everything comes at its tick, once, the earlier first`() {
        var generator = SplitMix64(seed: 11)
        var wheel = TimerWheel<Int>(slots: 16)
        var expected: [Int: Int] = [:]
        for entry in 0..<500 {
            let due = Int.random(in: 1...200, using: &generator)
            expected[entry] = due
            wheel.add(entry, at: due)
        }
        var last = 0
        var tick = 0
        while tick < 200 {
            tick += Int.random(in: 1...40, using: &generator)
            for entry in wheel.advance(to: tick) {
                let due = expected.removeValue(forKey: entry)
                #expect(due != nil)
                #expect((due ?? 0) <= tick && (due ?? 0) >= last)
                last = due ?? last
            }
        }
        #expect(expected.isEmpty)
        #expect(wheel.count == 0)
    }

    @Test func `what is due already comes with the next tick, and what is removed never`() {
        var wheel = TimerWheel<String>(slots: 4)
        #expect(wheel.advance(to: 10).isEmpty)
        wheel.add("late", at: 3)
        wheel.add("now", at: 10)
        #expect(wheel.advance(to: 11) == ["late", "now"])
        wheel.add("gone", at: 12)
        wheel.removeAll()
        #expect(wheel.advance(to: 40).isEmpty)
    }
}
