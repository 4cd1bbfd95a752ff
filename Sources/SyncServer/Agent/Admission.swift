/// Who may go on to the writer, and when the others come back.
///
/// A fixed time to come back would bring all of them back together, again and again. So each that is turned away gets a
/// place of its own in a line that moves as fast as requests were done of late. Right after the start fewer are let in:
/// then every class is still to be resolved. A pure machine; times are seconds on a clock that never goes back.
///
/// Of each event loop one: it knows its loop's share, and nothing of the others'.
struct Admission {
    /// Requests under way at once.
    private let limit: Int
    /// The least that is taken for `rate`.
    private let leastRate: Double
    private let start: Double
    private(set) var underWay = 0
    /// Requests done in a second, as last measured.
    private(set) var rate: Double
    private var window: Double
    private var done = 0
    /// When the last place in the line is due.
    private var lastPlace: Double

    /// - Parameters:
    ///   - limit: requests of the whole process that may be under way at once.
    ///   - loops: how many share in that.
    init(limit: Int, loops: Int, now: Double) {
        self.limit = limit / loops
        start = now
        window = now
        lastPlace = now
        rate = ServerLimits.assumedRate / Double(loops)
        leastRate = ServerLimits.leastRate / Double(loops)
    }

    /// Whether somebody would be admitted.
    func hasPlace(at now: Double) -> Bool { underWay < limit(at: now) }

    /// Takes a place, if there is one; whoever has taken one must leave.
    mutating func enter(at now: Double) -> Bool {
        guard hasPlace(at: now) else { return false }
        if underWay == 0, now - window > 1 { beginWindow(at: now) }
        underWay += 1
        return true
    }

    mutating func leave(at now: Double) {
        underWay -= 1
        done += 1
        measure(at: now)
    }

    /// The seconds until the next free place of the line, for one who is turned away.
    ///
    /// The line is no longer than the longest wait: who ask without end, and need no credential for it, would else make
    /// everybody wait long after they went.
    mutating func place(at now: Double) -> Int {
        let bounds = ServerLimits.retrySeconds
        let next = max(lastPlace, now + 1) + 1 / (rate * ServerLimits.lineShare)
        lastPlace = min(next, now + Double(bounds.upperBound))
        return min(bounds.upperBound, max(bounds.lowerBound, Int(lastPlace - now)))
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
            rate = max(leastRate, (rate + Double(done) / (now - window)) / 2)
        }
        beginWindow(at: now)
    }

    /// A second in which nothing was asked says nothing.
    private mutating func beginWindow(at now: Double) {
        window = now
        done = 0
    }
}
