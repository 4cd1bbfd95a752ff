import SyncCore

/// What scenarios share in which handsets live by their own clocks.
extension Stage {
    /// Milliseconds within which 99 of a hundred answers must be there while a herd comes: a server that lets in no more
    /// than it can do answers sooner, and handsets that wait longer give up and come again.
    private static let slowMilliseconds: UInt64 = 10_000

    /// Begins a part in which each handset lives by its own clock.
    ///
    /// - Parameter wait: seconds of scenario time that a check-in may be parked; 0 for handsets that ask and go.
    func live(_ start: Life.Start, wait: Double, fault: Life.Fault) -> Phase {
        let life = Life(start: start, pace: setting.pace, fault: setting.plantsFault ? fault : nil)
        let phase = Phase(
            .life(life), handsets: fleet.members.count, wait: wait > 0 ? max(1, Int(life.real(wait))) : 0)
        driver.begin(phase)
        return phase
    }

    /// Counts anew from here.
    func countAnew() async throws {
        _ = try await driver.takeMeasures()
        _ = try await driver.takeTally()
        _ = try await driver.takeLoad()
    }

    /// What was counted since, as a part of the report.
    func part(_ name: String, _ phase: Phase) async throws -> (part: RunReport.Part, tally: Tally) {
        let nanoseconds = phase.elapsed
        let tally = try await driver.takeTally()
        var part = RunReport.Part(
            name: name, nanoseconds: nanoseconds, measures: try await driver.takeMeasures(),
            handsets: fleet.members.count)
        let load = try await driver.takeLoad()
        part.figures["peakRequestsPerSecond"] = .integer(Int64(Tally.peak(tally.requests)))
        part.figures["simulatorPercent"] = .integer(Int64(load.busiest * 100))
        part.figures["simulatorLateMilliseconds"] = .integer(Int64(load.latestMilliseconds))
        if let text = load.text { part.notes.append(text) }
        return (part, tally)
    }

    /// Waits until all who came together are in sync, and reports how they came.
    func judgeHerd(_ name: String, _ phase: Phase) async throws {
        let isComplete = await self.await(phase, name)
        var (part, tally) = try await part(name, phase)
        phase.finish()
        let arrivals = phase.now.arrivals.compactMap { $0 }.sorted()
        part.note(arrivals: arrivals, of: fleet.members.count, pace: setting.pace)
        part.note(tally.turns, pace: setting.pace)
        part.note(tally, usual: report.parts.first?.requestsPerSecond)
        judge(tally, name)
        let slow = part.slowestMilliseconds
        if slow > Self.slowMilliseconds {
            report.findings.append("\(name): the server fell behind, one answer in a hundred took \(slow) ms")
        }
        report.parts.append(part)
        if !isComplete { nameLaggards(phase, "is not in sync \(setting.patience) s after \(name)") }
    }

    /// Nobody may ask before the time that he was told.
    func judge(_ tally: Tally, _ name: String) {
        guard tally.early > 0 else { return }
        report.findings.append("\(name): \(tally.early) requests came before the time that their handsets were told")
    }

    func nameLaggards(_ phase: Phase, _ problem: String) {
        for (index, arrival) in phase.now.arrivals.enumerated() where arrival == nil {
            report.findings.append("handset \(index) (serial \(fleet.members[index].serial)): \(problem)")
        }
    }

    /// Puts a policy's push on the account before it is done, so that handsets know where they are to end.
    func told(_ name: String, to target: OrgPath) throws -> Oracle {
        var told = oracle
        guard let policy = PolicyReference(owner: target, name: name) else { throw Policies.Unknown(name: name) }
        try told.pushed(Oracle.Push(policy: policy, target: target, selector: nil), try Policies.named(name))
        return told
    }
}
