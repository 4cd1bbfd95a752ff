import NIOCore
import Testing

@testable import FleetSimulator

@Suite struct TallyTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    @Test func `counts stand in scenario minutes, at any pace`() {
        var tally = Tally(start: start)
        for tenth in 0..<40 { tally.cameTo(server: start + .milliseconds(Int64(tenth) * 100 + 50)) }
        #expect(Tally.minutes(tally.turns, pace: 60) == [10, 10, 10, 10])
        #expect(Tally.minutes(tally.turns, pace: 600) == Array(repeating: 1, count: 40))
        #expect(Tally.minutes(tally.turns, pace: 1) == [40])
    }

    @Test func `the busiest second may begin anywhere`() {
        #expect(Tally.peak([]) == 0)
        #expect(Tally.peak([5, 5]) == 10)
        #expect(Tally.peak([9, 0, 0, 0, 0, 6, 0, 0, 0, 0, 6, 0, 0, 0, 1]) == 15)
        #expect(Tally.peak([1, 0, 0, 0, 0, 6, 0, 0, 0, 0, 6, 0, 0, 0, 9]) == 21)
    }

    @Test func `what came before its time is counted, and loops add up`() {
        var (first, second) = (Tally(start: start), Tally(start: start))
        first.sent(at: start + .milliseconds(10), isEarly: true)
        second.sent(at: start + .milliseconds(250), isEarly: false)
        first.refused(retryAfter: 3)
        second.refused(retryAfter: 3)
        second.woke(7, isIdle: true)
        first.add(second)
        #expect(first.early == 1)
        #expect(first.requests == [1, 0, 1])
        #expect(first.refusals == [3: 2])
        #expect(first.wakes == [7: 1] && first.idleWakes == 1)
    }

    @Test func `a simulator that is busy says so`() {
        var load = LoopLoad()
        for share in [0.2, 0.84] { load.take(share: share) }
        #expect(load.text == nil)
        load.take(share: 0.93)
        #expect(load.text?.contains("1 of 3 s, at most 93 %") == true)
    }
}
