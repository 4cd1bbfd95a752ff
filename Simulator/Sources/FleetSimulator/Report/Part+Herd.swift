import SyncCore

/// How a herd came, for people and for machines.
extension RunReport.Part {
    /// Minutes of a curve that are listed.
    private static let minutesListed = 40

    /// Milliseconds within which 99 of a hundred answers were there; those that waited for news do not count.
    var slowestMilliseconds: UInt64 {
        [.enrol, .idle, .report].compactMap { measures.latencies[$0]?.valueAtPercentile(99) }.max().map {
            $0 / 1_000
        } ?? 0
    }

    /// - Parameter arrivals: nanoseconds, in order.
    mutating func note(arrivals: [UInt64], of total: Int, pace: Double) {
        var words: [String] = []
        for percent in [50, 99, 100] {
            let needed = max(1, (total * percent + 99) / 100)
            guard arrivals.count >= needed else { continue }
            let seconds = Double(arrivals[needed - 1]) / 1e9
            let time = pace == 1 ? "" : " (\(ScenarioTime.text(seconds * pace)) of scenario time)"
            words.append("\(percent) % after \(ScenarioTime.text(seconds))\(time)")
            figures["inSync\(percent)Milliseconds"] = .integer(Int64(seconds * 1_000))
        }
        notes.append("\(arrivals.count) of \(total) in sync: " + words.joined(separator: ", "))
    }

    /// How many came in each minute of scenario time.
    mutating func note(_ turns: [Int], pace: Double) {
        let minutes = Tally.minutes(turns, pace: pace)
        figures["cameByMinute"] = .array(minutes.map { .integer(Int64($0)) })
        let listed = minutes.prefix(Self.minutesListed).map(String.init).joined(separator: " ")
        let more = minutes.count > Self.minutesListed ? " ..." : ""
        notes.append("came, by minute of scenario time: \(listed)\(more)")
    }

    /// - Parameter usual: requests a second that the server did when all asked one after the other.
    mutating func note(_ tally: Tally, usual: Int?) {
        let peak = Tally.peak(tally.requests)
        let ours = usual.map { "; the roll call had \($0) in a second" } ?? ""
        notes.append("busiest second: \(peak) requests\(ours)")
        let refused = tally.refusals.values.reduce(0, +)
        figures["refused"] = .integer(Int64(refused))
        figures["retryAfter"] = .object(
            Dictionary(uniqueKeysWithValues: tally.refusals.map { (String($0.key), .integer(Int64($0.value))) }))
        guard refused > 0 else { return notes.append("refused: none") }
        let listed = tally.refusals.sorted { $0.key < $1.key }.prefix(Self.minutesListed)
        let words = listed.map { "\($0.key) s: \($0.value)" }.joined(separator: ", ")
        notes.append("refused: \(refused), told to come back after \(words)")
    }
}
