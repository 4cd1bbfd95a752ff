import NIOCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How busy an event loop of the simulator was: whether what is measured is the simulator's own slowness.
struct LoopLoad: Sendable {
    /// The share of a core above which the loop itself is what limits.
    static let busyShare = 0.85
    /// A timer so many milliseconds late says that the loop did not get to it, or got no core.
    static let lateMilliseconds = 500
    /// What is shorter says nothing of a share.
    private static let leastNanoseconds: Int64 = 200_000_000

    private var window: (start: NIODeadline, used: UInt64)?
    /// Windows of about a second that were seen, and how many of them were busy.
    private(set) var windows = 0
    private(set) var busyWindows = 0
    /// The largest share of a core in a window.
    private(set) var busiest = 0.0
    private(set) var latestMilliseconds = 0

    /// Looks at the loop, on its own thread.
    ///
    /// - Parameter late: how long after its time the timer ran.
    mutating func look(at now: NIODeadline, late: TimeAmount) {
        latestMilliseconds = max(latestMilliseconds, Int(late.nanoseconds / 1_000_000))
        guard let window else { return self.window = (now, Self.used()) }
        guard (now - window.start).nanoseconds >= 1_000_000_000 else { return }
        close(window, at: now)
    }

    /// Nothing more is looked at: what was begun counts too, if it is long enough to say anything.
    mutating func end(at now: NIODeadline) {
        guard let window, (now - window.start).nanoseconds >= Self.leastNanoseconds else { return }
        close(window, at: now)
    }

    private mutating func close(_ window: (start: NIODeadline, used: UInt64), at now: NIODeadline) {
        let used = Self.used()
        take(share: Double(used - window.used) / Double((now - window.start).nanoseconds))
        self.window = (now, used)
    }

    mutating func take(share: Double) {
        windows += 1
        if share > Self.busyShare { busyWindows += 1 }
        busiest = max(busiest, share)
    }

    /// The busiest of several loops.
    mutating func add(_ other: LoopLoad) {
        windows = max(windows, other.windows)
        busyWindows = max(busyWindows, other.busyWindows)
        busiest = max(busiest, other.busiest)
        latestMilliseconds = max(latestMilliseconds, other.latestMilliseconds)
    }

    /// What of the figures taken meanwhile is the simulator's own, for people; nil where it had time to spare.
    var text: String? {
        if busyWindows > 0 {
            return
                "the simulator itself was the bottleneck: an event loop used more than \(Int(Self.busyShare * 100)) % "
                + "of a core in \(busyWindows) of \(windows) s, at most \(Int(busiest * 100)) %"
        }
        guard latestMilliseconds > Self.lateMilliseconds else { return nil }
        return
            "the simulator came late: its timers ran up to \(latestMilliseconds) ms after their time, and the figures "
            + "have that in them; an event loop used at most \(Int(busiest * 100)) % of a core"
    }

    /// Nanoseconds of processor time that this thread has used.
    private static func used() -> UInt64 {
        var time = timespec()
        guard clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return 0 }
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
