import SyncCore

extension Stage {
    /// Minutes in an interval of a quarter of an hour: how finely arrivals are looked at.
    private static let slots = 15
    /// Real seconds that an answer may take at the end.
    private static let graceSeconds = 2.0

    /// Quiet times: every handset checks in at its own place in the interval. In the middle a policy goes to everyone,
    /// and each takes it at its next check-in.
    func steady() async throws {
        let interval = Double(try await driver.states().first?.interval ?? 900)
        let phase = live(.atOwnPlace, wait: 0, fault: .together)
        setting.say("everybody finds its place in \(ScenarioTime.text(interval))")
        try await driver.pass(seconds: interval * 1.1 / setting.pace)
        try await countAnew()
        phase.restartClock()
        try await driver.pass(seconds: interval / setting.pace)
        var (quiet, tally) = try await part("quiet times", phase)
        note(&quiet, tally, interval)
        report.parts.append(quiet)
        try await pushInQuietTimes(phase, interval)
    }

    private func pushInQuietTimes(_ phase: Phase, _ interval: Double) async throws {
        phase.expect(await (try told("push-everyone", to: .root)).digests(for: fleet))
        try await countAnew()
        phase.restartClock()
        try await push("push-everyone", to: .root)
        setting.say("a policy goes to everyone; each takes it at its next check-in")
        let most = interval * 1.1 / setting.pace + Self.graceSeconds
        if await !self.await(phase, "push", patience: most) {
            nameLaggards(phase, "did not take the policy within an interval")
        }
        // The next interval shows whether the push brought them together.
        try await driver.pass(seconds: interval / setting.pace)
        var (part, tally) = try await part("a push in quiet times", phase)
        phase.finish()
        part.note(
            arrivals: phase.now.arrivals.compactMap { $0 }.sorted(), of: fleet.members.count, pace: setting.pace)
        note(&part, tally, interval)
        report.parts.append(part)
    }

    /// How evenly they came, what a check-in costs, and whether that is what the protocol is to bring about.
    private func note(_ part: inout RunReport.Part, _ tally: Tally, _ interval: Double) {
        // A minute, where the interval is a quarter of an hour.
        let pace = setting.pace * 60 * Double(Self.slots) / interval
        let minutes = Array(Tally.minutes(tally.turns, pace: pace).dropLast())
        let sorted = minutes.sorted()
        let median = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
        part.notes.append(
            "check-ins in a fifteenth of the interval: min \(sorted.first ?? 0), median \(median), max \(sorted.last ?? 0)"
        )
        part.figures["checkInsByMinute"] = .array(minutes.map { .integer(Int64($0)) })
        if let idle = part.bytesPerIdleCheckIn {
            part.notes.append("bytes of an idle check-in: \(idle.sent) sent, \(idle.received) received")
        }
        judge(tally, part.name)
        let most = Self.most(of: fleet.members.count, part, slotSeconds: interval / setting.pace / Double(Self.slots))
        if let busiest = sorted.last, busiest > most {
            report.findings.append(
                "\(part.name): \(busiest) check-ins in a fifteenth of the interval, expected at most \(most)")
        }
        for (kind, count) in part.measures.errors { report.findings.append("\(part.name): \(kind): \(count)") }
    }

    /// The most that come in one slot where each comes at a place of its own: the mean and five times its deviation, and
    /// whoever a late timer of the simulator brings into the next slot.
    private static func most(of handsets: Int, _ part: RunReport.Part, slotSeconds: Double) -> Int {
        let late = Double(part.figures["simulatorLateMilliseconds"]?.integer ?? 0) / 1_000
        let mean = Double(handsets) / Double(slots) * (1 + late / slotSeconds)
        return Int(mean + 5 * mean.squareRoot()) + 3
    }
}

extension RunReport.Part {
    /// What a check-in that finds nothing sends and receives, where there was nothing else.
    fileprivate var bytesPerIdleCheckIn: (sent: Int, received: Int)? {
        guard let idle = measures.latencies[.idle]?.totalCount, idle > 0, Int(idle) == measures.requests else {
            return nil
        }
        return (measures.bytesSent / Int(idle), measures.bytesReceived / Int(idle))
    }
}
