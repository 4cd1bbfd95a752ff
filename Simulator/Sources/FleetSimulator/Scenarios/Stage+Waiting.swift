import SyncCore

/// What scenarios share in which every handset waits at the server while operators act.
extension Stage {
    /// Seconds that a poll may wait: longer than such a part lasts.
    private static let waitSeconds = 200
    /// Real seconds in which an answer that nobody must get would come.
    private static let afterwardsSeconds = 1.0

    /// Lets every handset wait for what is to come; counting begins when all do.
    ///
    /// - Parameter before: what each holds now; those whose policy stays have nothing to arrive at.
    func watch(_ told: Oracle, since before: [Digest]) async throws -> Phase {
        let targets = await told.digests(for: fleet)
        let phase = Phase(.watch(targets: targets), handsets: fleet.members.count, wait: Self.waitSeconds)
        for index in targets.indices where targets[index] == before[index] { phase.arrived(index) }
        setting.say("\(zip(before, targets).count { $0 != $1 }) handsets will be concerned; all wait")
        driver.begin(phase)
        await untilWaiting(phase)
        try await countAnew()
        phase.restartClock()
        return phase
    }

    /// Waits until all hold what they must, and a little longer, and reports what they were sent.
    ///
    /// - Returns: those whose policy changed, and what was counted.
    func awaitAll(
        _ phase: Phase, _ before: [Digest], _ name: String
    ) async throws -> (concerned: Set<Int>, tally: Tally) {
        let isComplete = await self.await(phase, name)
        try await driver.pass(seconds: Self.afterwardsSeconds)
        let targets = await oracle.digests(for: fleet)
        let concerned = Set(targets.indices.filter { targets[$0] != before[$0] })
        let arrivals = phase.now.arrivals.enumerated().compactMap { concerned.contains($0) ? $1 : nil }.sorted()
        var (part, tally) = try await part(name, phase)
        phase.finish()
        part.nanoseconds = arrivals.last ?? 0
        part.convergence = Self.convergence(arrivals, of: concerned.count)
        part.handsets = concerned.count
        part.note(wakesOf: tally)
        report.parts.append(part)
        if tally.idleWakes > 0 { report.findings.append("\(name): \(tally.idleWakes) polls were answered for nothing") }
        if !isComplete { nameLaggards(phase, "does not hold it in \(setting.patience) s") }
        return (concerned, tally)
    }
}

extension RunReport.Part {
    fileprivate mutating func note(wakesOf tally: Tally) {
        let wakes = tally.wakes.values.sorted()
        notes.append(
            "sent: \(tally.documents) whole documents, \(tally.deltas) deltas; polls answered before their time: "
                + "\(wakes.reduce(0, +)), of one handset median \(wakes.isEmpty ? 0 : wakes[wakes.count / 2]), "
                + "at most \(wakes.last ?? 0)")
        figures["documents"] = .integer(Int64(tally.documents))
        figures["deltas"] = .integer(Int64(tally.deltas))
        figures["wakes"] = .integer(Int64(wakes.reduce(0, +)))
        figures["wakesAtMost"] = .integer(Int64(wakes.last ?? 0))
    }
}
