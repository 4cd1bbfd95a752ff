import SyncCore

extension Stage {
    /// How long the server is gone, in seconds of scenario time.
    private static let outageSeconds = 30.0 * 60

    /// The server is lost under connected handsets and stays away for half an hour. Users and operators act just before,
    /// meanwhile and just after; handsets back off, and all come back when it is there again.
    func outage(_ server: ServerProcess) async throws {
        var generator = SplitMix64(seed: setting.seed)
        var accounts = fleet.members.map { _ in UserAccount() }
        try await act(fleet.members.indices.map { $0 }, 0...2, &accounts, &generator, kinds: Self.openEdits)
        try await allCheckIn("users set up their terminals", lossPercent: 0)
        let phase = live(.within(seconds: 10), wait: 240, fault: .impatient)
        await untilWaiting(phase)
        try await countAnew()
        phase.restartClock()
        try await act(driver.share(one: 3).sorted(), 1...2, &accounts, &generator, kinds: Self.openEdits)
        try await push("push-everyone", to: .root)
        server.lose()
        setting.say("the server is gone for \(ScenarioTime.text(Self.outageSeconds)) of scenario time")
        try await driver.pass(seconds: Self.outageSeconds / 2 / setting.pace)
        try await act(driver.share(one: 4).sorted(), 1...1, &accounts, &generator, kinds: Self.openEdits)
        try await driver.pass(seconds: Self.outageSeconds / 2 / setting.pace)
        let (part, tally) = try await part("the server is gone", phase)
        judge(tally, part.name)
        report.parts.append(part)
        try await comeBack(server, phase, &accounts, &generator)
        try await allCheckIn("everybody once more", lossPercent: 0)
        try await judgeUsers(accounts, accounts.map { _ in [] })
    }

    private func comeBack(
        _ server: ServerProcess, _ phase: Phase, _ accounts: inout [UserAccount], _ generator: inout SplitMix64
    ) async throws {
        let agency = fleet.aim.agency ?? .root
        let targets = await (try told("push-agency", to: agency)).digests(for: fleet)
        try await countAnew()
        phase.expect(targets)
        try server.startAgain()
        try await push("push-agency", to: agency)
        try await act(driver.share(one: 5).sorted(), 1...1, &accounts, &generator, kinds: Self.openEdits)
        try await judgeHerd("everybody comes back", phase)
    }
}
