/// Who may go on to the writer, and when the others come back.
///
/// A fixed time to come back would bring all of them back together, again and again. So each that is turned away gets a
/// place of its own in a line that moves as fast as requests were done of late. Right after the start fewer are let in:
/// then every class is still to be resolved. A pure machine; times are seconds on a clock that never goes back.
struct Admission {
    enum Decision: Equatable {
        case admitted
        case comeBack(seconds: Int)
    }

    /// Requests under way at once.
    private let limit: Int
    private let start: Double
    private(set) var underWay = 0
    /// Requests done in a second, as last measured.
    private(set) var rate: Double
    private var window: Double
    private var done = 0
    /// When the last place in the line is due.
    private var lastPlace: Double

    init(limit: Int, now: Double) {
        self.limit = limit
        start = now
        window = now
        lastPlace = now
        rate = ServerLimits.assumedRate
    }

    /// Whether somebody would be admitted.
    mutating func look(at now: Double) -> Decision {
        underWay < limit(at: now) ? .admitted : .comeBack(seconds: place(at: now))
    }

    /// Asks for a place; whoever is admitted must leave.
    mutating func enter(at now: Double) -> Decision {
        let decision = look(at: now)
        guard decision == .admitted else { return decision }
        if underWay == 0, now - window > 1 { beginWindow(at: now) }
        underWay += 1
        return .admitted
    }

    mutating func leave(at now: Double) {
        underWay -= 1
        done += 1
        measure(at: now)
    }

    /// The seconds until the next free place of the line, for one who is turned away.
    mutating func place(at now: Double) -> Int {
        lastPlace = max(lastPlace, now + 1) + 1 / (rate * ServerLimits.lineShare)
        return min(
            ServerLimits.retrySeconds.upperBound, max(ServerLimits.retrySeconds.lowerBound, Int(lastPlace - now)))
    }

    /// A tenth at the start, all of it when the ramp is over.
    private func limit(at now: Double) -> Int {
        let share = min(1, 0.1 + 0.9 * (now - start) / ServerLimits.rampSeconds)
        return max(1, Int(Double(limit) * share))
    }

    private mutating func measure(at now: Double) {
        guard now - window >= 1 else { return }
        // Only a busy second says what can be done.
        if underWay > limit(at: now) / 8 {
            rate = max(ServerLimits.leastRate, (rate + Double(done) / (now - window)) / 2)
        }
        beginWindow(at: now)
    }

    /// A second in which nothing was asked says nothing.
    private mutating func beginWindow(at now: Double) {
        window = now
        done = 0
    }
}
