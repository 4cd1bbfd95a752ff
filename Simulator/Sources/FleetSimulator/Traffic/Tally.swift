import NIOCore

/// What one event loop counted of a herd, over time; loops are added up at the end.
struct Tally: Sendable {
    /// How long one bin of the counts over time is.
    static let binMilliseconds = 100

    /// When counting began.
    private let start: NIODeadline
    /// Handsets that came to the server, by bin.
    private(set) var turns: [Int] = []
    /// Requests that were sent, by bin.
    private(set) var requests: [Int] = []
    /// Refusals with 503 and 429, by the `Retry-After` that they had.
    private(set) var refusals: [Int: Int] = [:]
    /// Requests that were sent before the time that their handset had been told.
    private(set) var early = 0
    /// Whole documents and deltas that came.
    private(set) var documents = 0
    private(set) var deltas = 0
    /// How often each handset's poll was answered before its time.
    private(set) var wakes: [Int: Int] = [:]
    /// How many of those brought nothing.
    private(set) var idleWakes = 0

    init(start: NIODeadline = .now()) { self.start = start }

    mutating func cameTo(server now: NIODeadline) { count(now, in: \.turns) }

    mutating func sent(at now: NIODeadline, isEarly: Bool) {
        count(now, in: \.requests)
        if isEarly { early += 1 }
    }

    mutating func refused(retryAfter: Int?) { refusals[retryAfter ?? 0, default: 0] += 1 }

    mutating func took(isDelta: Bool) { if isDelta { deltas += 1 } else { documents += 1 } }

    mutating func woke(_ handset: Int, isIdle: Bool) {
        wakes[handset, default: 0] += 1
        if isIdle { idleWakes += 1 }
    }

    mutating func add(_ other: Tally) {
        turns.addEach(other.turns)
        requests.addEach(other.requests)
        refusals.merge(other.refusals) { $0 + $1 }
        early += other.early
        documents += other.documents
        deltas += other.deltas
        wakes.merge(other.wakes) { $0 + $1 }
        idleWakes += other.idleWakes
    }

    /// The most of some counts in one real second.
    static func peak(_ bins: [Int]) -> Int {
        let width = 1_000 / binMilliseconds
        var sum = 0
        var peak = 0
        for (index, count) in bins.enumerated() {
            sum += count - (index >= width ? bins[index - width] : 0)
            peak = max(peak, sum)
        }
        return peak
    }

    /// Counts by minute of scenario time.
    static func minutes(_ bins: [Int], pace: Double) -> [Int] {
        var minutes: [Int] = []
        for (index, count) in bins.enumerated() {
            // The middle of a bin, so that rounding puts none into its neighbour.
            let minute = Int((Double(index) + 0.5) * Double(binMilliseconds) / 1_000 * pace / 60)
            while minutes.count <= minute { minutes.append(0) }
            minutes[minute] += count
        }
        return minutes
    }

    private mutating func count(_ now: NIODeadline, in bins: WritableKeyPath<Tally, [Int]>) {
        let bin = max(0, Int((now - start).nanoseconds / 1_000_000) / Self.binMilliseconds)
        // A whole day; beyond it nobody looks at tenths of seconds.
        guard bin < 864_000 else { return }
        let missing = bin + 1 - self[keyPath: bins].count
        if missing > 0 { self[keyPath: bins] += Array(repeating: 0, count: missing) }
        self[keyPath: bins][bin] += 1
    }
}

extension [Int] {
    fileprivate mutating func addEach(_ other: [Int]) {
        if other.count > count { self += Array(repeating: 0, count: other.count - count) }
        for (index, value) in other.enumerated() { self[index] += value }
    }
}
