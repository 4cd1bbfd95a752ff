import DequeModule
import NIOCore

/// Something parked that may have to look again.
protocol Parked: AnyObject {
    /// It stands in the line of those that look again.
    var isDue: Bool { get set }

    /// Decides anew by the World that it finds now.
    func reconsider()
}

/// Parked polls that something new may concern, let go a share at a time: what they ask next comes spread too.
///
/// One that ends meanwhile, by its deadline or with its connection, looks again for nothing: that costs little and is
/// never wrong, because a poll decides by the World that it finds then.
final class Release<Poll: Parked> {
    private let loop: any EventLoop
    /// Polls in a second; 0 for no limit.
    private let rate: Int
    private var due: Deque<Poll> = []
    private var isUnderWay = false

    init(rate: Int, loop: any EventLoop) {
        self.rate = rate
        self.loop = loop
    }

    func add(_ poll: Poll) {
        guard !poll.isDue else { return }
        poll.isDue = true
        due.append(poll)
    }

    /// Begins to let go, unless that is under way.
    func begin() { if !isUnderWay { letGo() } }

    private func letGo() {
        let share = rate == 0 ? ServerLimits.releaseAtOnce : max(1, rate * ServerLimits.releaseMilliseconds / 1_000)
        for _ in 0..<share {
            guard let poll = due.popFirst() else { break }
            poll.isDue = false
            poll.reconsider()
        }
        isUnderWay = !due.isEmpty
        guard isUnderWay else { return }
        // Even without a limit others are heard in between.
        let pause = rate == 0 ? 0 : share * 1_000 / rate
        loop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(pause))) { self.letGo() }
    }
}
