import DequeModule
import NIOCore

/// Parked polls that something new may concern, let go a share at a time: what they ask next comes spread too.
///
/// One that ends meanwhile, by its deadline or with its connection, looks again for nothing: that costs little and is
/// never wrong, because a poll decides by the World that it finds then.
final class Release {
    private let loop: any EventLoop
    /// Polls in a second; 0 for no limit.
    private let rate: Int
    private var due: Deque<AgentHandler> = []
    private var isUnderWay = false

    init(rate: Int, loop: any EventLoop) {
        self.rate = rate
        self.loop = loop
    }

    func add(_ handler: AgentHandler) {
        guard !handler.isDue else { return }
        handler.isDue = true
        due.append(handler)
    }

    /// Begins to let go, unless that is under way.
    func begin() { if !isUnderWay { letGo() } }

    private func letGo() {
        let share = rate == 0 ? ServerLimits.releaseAtOnce : max(1, rate * ServerLimits.releaseMilliseconds / 1_000)
        for _ in 0..<share {
            guard let handler = due.popFirst() else { break }
            handler.isDue = false
            handler.reconsider()
        }
        isUnderWay = !due.isEmpty
        guard isUnderWay else { return }
        // Even without a limit others are heard in between.
        let pause = rate == 0 ? 0 : share * 1_000 / rate
        loop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(pause))) { self.letGo() }
    }
}
