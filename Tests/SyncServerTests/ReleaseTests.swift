import NIOCore
import NIOEmbedded
import Testing

@testable import SyncServer

/// How parked polls are let go, in virtual time.
@Suite struct ReleaseTests {
    private final class Waiting: Parked {
        var isDue = false
        var looks = 0

        func reconsider() { looks += 1 }
    }

    private func release(
        _ count: Int, rate: Int, _ body: (Release<Waiting>, [Waiting], EmbeddedEventLoop) throws -> Void
    ) rethrows {
        let loop = EmbeddedEventLoop()
        let release = Release<Waiting>(rate: rate, loop: loop)
        let waiting = (0..<count).map { _ in Waiting() }
        for each in waiting { release.add(each) }
        release.begin()
        try body(release, waiting, loop)
    }

    private func released(_ waiting: [Waiting]) -> Int { waiting.reduce(0) { $0 + $1.looks } }

    @Test(arguments: [1, 30, 100, 5_000, 20_000])
    func `in each second as many are let go as the rate says`(rate: Int) {
        release(rate * 3 + 1, rate: rate) { _, waiting, loop in
            for second in 1...3 {
                loop.advanceTime(by: .seconds(1))
                let (count, share) = (released(waiting), max(1, rate / 100))
                // Pauses are whole milliseconds: a little more than the rate may be let go, never less.
                #expect((rate * second...rate * second * 103 / 100 + share).contains(count), "\(count) by \(second) s")
            }
            loop.advanceTime(by: .seconds(1))
            #expect(waiting.allSatisfy { $0.looks == 1 && !$0.isDue })
        }
    }

    @Test func `without a rate all go at once, and others are heard in between`() {
        release(ServerLimits.releaseAtOnce * 3, rate: 0) { _, waiting, loop in
            #expect(released(waiting) == ServerLimits.releaseAtOnce)
            loop.run()
            loop.advanceTime(by: .nanoseconds(1))
            #expect(released(waiting) == waiting.count)
        }
    }

    @Test func `who stands in the line already stands there once, and who was let go may stand again`() {
        release(20, rate: 10) { release, waiting, loop in
            for each in waiting { release.add(each) }
            release.begin()
            loop.advanceTime(by: .seconds(4))
            // The first was gone before it was added again.
            #expect(waiting[0].looks == 2 && waiting.dropFirst().allSatisfy { $0.looks == 1 })
        }
    }
}
