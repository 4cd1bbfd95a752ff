import TestSupport
import Testing

@testable import SyncServer

/// A herd before the writer, in virtual time.
@Suite struct AdmissionTests {
    private static let herd = 126_000
    /// Requests that the writer does in a second.
    private static let capacity = 6_000

    /// A herd that arrives within a second; each turned away comes back when it was told, with up to a tenth more.
    ///
    /// - Returns: when the last was done, in seconds, and how many requests that took.
    private func play(
        _ retry: (inout Admission, Double) -> Int, from start: Double, using generator: inout SeededGenerator
    ) -> (seconds: Int, requests: Int) {
        var admission = Admission(limit: 4_096, loops: 1, now: 0)
        let ticksASecond = 20
        var arrivals: [Int: Int] = [:]
        for _ in 0..<Self.herd { arrivals[Int.random(in: 0..<ticksASecond, using: &generator), default: 0] += 1 }
        var (tick, waiting, done, requests) = (0, 0, 0, 0)
        while done < Self.herd, tick < 4_000 * ticksASecond {
            let now = start + Double(tick) / Double(ticksASecond)
            for _ in 0..<(arrivals.removeValue(forKey: tick) ?? 0) {
                requests += 1
                if admission.enter(at: now) {
                    waiting += 1
                } else {
                    let hint = retry(&admission, now)
                    let wait = Double(hint) * Double.random(in: 1...1.1, using: &generator)
                    arrivals[tick + max(1, Int(wait * Double(ticksASecond))), default: 0] += 1
                }
            }
            let finished = min(waiting, Self.capacity / ticksASecond)
            for _ in 0..<finished { admission.leave(at: now) }
            waiting -= finished
            done += finished
            tick += 1
        }
        return (tick / ticksASecond, requests)
    }

    @Test(arguments: [0.0, 3_600.0])
    func `places in a line bring a herd through at the writer's pace`(start: Double) {
        var generator = SeededGenerator(for: "a herd in line")
        let line = play({ $0.place(at: $1) }, from: start, using: &generator)
        let least = Self.herd / Self.capacity
        #expect(line.seconds <= least * 2, "\(line), at best \(least) s")
        #expect(line.requests <= Self.herd * 4, "\(line)")
        // What it is better than: the same time for everybody.
        let fixed = play({ _, _ in 30 }, from: start, using: &generator)
        #expect(fixed.seconds > line.seconds * 2, "fixed \(fixed), in line \(line)")
    }

    @Test func `right after the start a tenth is let in, and all of it when the ramp is over`() {
        var admission = Admission(limit: 1_000, loops: 1, now: 50)
        var admitted = 0
        while admission.enter(at: 50) { admitted += 1 }
        #expect(admitted == 100)
        while admission.enter(at: 50 + ServerLimits.rampSeconds) { admitted += 1 }
        #expect(admitted == 1_000)
        admission.leave(at: 60)
        let (isFirstIn, isSecondIn) = (admission.enter(at: 61), admission.enter(at: 61))
        #expect(isFirstIn && !isSecondIn)
    }

    @Test func `nobody is sent away for longer than a quarter of an hour, or not at all`() {
        var admission = Admission(limit: 1, loops: 1, now: 0)
        var last = admission.place(at: 0)
        #expect(last == 1)
        var isInOrder = true
        for _ in 0..<8_000_000 {
            let place = admission.place(at: 0)
            isInOrder = isInOrder && place >= last
            last = place
        }
        #expect(isInOrder && last == 900)
        // A quarter of an hour later all of them have been, however many they were.
        last = admission.place(at: 901)
        #expect(last == 1)
    }

    /// A herd that the loops of one process share is sent away for as long as by one.
    @Test(arguments: [1, 2, 8]) func `the loops of a process promise together what it can do`(loops: Int) {
        var admissions = (0..<loops).map { _ in Admission(limit: 8, loops: loops, now: 0) }
        var last = 0
        for number in 0..<80_000 { last = admissions[number % loops].place(at: 0) }
        #expect((10...11).contains(last))
        for index in admissions.indices {
            while admissions[index].enter(at: 100) {}
            #expect(admissions[index].underWay == 8 / loops)
        }
    }
}
