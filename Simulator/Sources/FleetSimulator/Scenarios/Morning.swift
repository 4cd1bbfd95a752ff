extension Stage {
    /// Everybody wakes within so many seconds of scenario time.
    private static let wakingSeconds = 60.0

    /// The fleet was switched off over night; policies came meanwhile. In the morning everybody wakes within a minute,
    /// connects and checks in; most users have set something.
    func morning() async throws {
        var generator = SplitMix64(seed: setting.seed)
        var accounts = fleet.members.map { _ in UserAccount() }
        try await driver.disconnect(Set(fleet.members.indices))
        let agency = fleet.aim.agency ?? .root
        try await push("push-agency", to: agency)
        try await act(fleet.members.indices.map { $0 }, 0...2, &accounts, &generator, kinds: Self.openEdits)
        let edits = accounts.reduce(0) { $0 + $1.onDevice.count }
        setting.say("the night is over: \(edits) edits by users wait, and a policy for \(agency)")
        let targets = await oracle.digests(for: fleet)
        try await countAnew()
        let phase = live(.within(seconds: Self.wakingSeconds), wait: 0, fault: .impatient)
        phase.expect(targets)
        try await judgeHerd("everybody wakes", phase)
        try await judgeUsers(accounts, accounts.map { _ in [] })
    }
}
