import SyncClient
import SyncCore

extension Stage {
    /// Kinds of edits that no policy of this scenario closes or limits.
    static let openEdits = 0...6

    /// A backup is made; policies and users move on; then the server is lost under connected handsets and the backup
    /// takes its place. Nobody goes back within an epoch, everybody ends with the backup's policies, and what users set
    /// after the backup is still there.
    func restore(_ server: ServerProcess) async throws {
        var generator = SplitMix64(seed: setting.seed)
        var accounts = fleet.members.map { _ in UserAccount() }
        let everybody = fleet.members.indices.map { $0 }
        try await act(everybody, 0...3, &accounts, &generator, kinds: Self.openEdits)
        try await allCheckIn("users set up their terminals", lossPercent: 0)
        try server.backUp()
        let backedUp = oracle
        setting.say("backed up; policies and users move on")
        try await push("push-everyone", to: .root)
        try await act(everybody, 0...3, &accounts, &generator, kinds: Self.openEdits)
        try await allCheckIn("after the backup", lossPercent: 0)
        try await act(driver.share(one: 2).sorted(), 1...3, &accounts, &generator, kinds: Self.openEdits)
        let epoch = try await driver.states().map(\.epoch).max() ?? 0
        oracle = backedUp
        try await lose(server)
        try await allCheckIn("users sent what waited", lossPercent: 10)
        let unit = fleet.aim
        if let agency = unit.agency { try await timedPush("push-agency", to: agency) }
        for (index, state) in try await driver.states().enumerated() where state.epoch <= epoch {
            report.findings.append("handset \(index) (serial \(fleet.members[index].serial)): still in epoch \(epoch)")
        }
        try await judgeUsers(accounts, accounts.map { _ in [] })
    }

    /// Kills the server while every handset waits for news, and times how long all take to hold the backup's policies.
    private func lose(_ server: ServerProcess) async throws {
        let targets = await oracle.digests(for: fleet)
        let phase = Phase(.watch(targets: targets), handsets: fleet.members.count, wait: 2)
        driver.begin(phase)
        try await countAnew()
        phase.restartClock()
        try server.restoreBackup()
        let isComplete = await self.await(phase, "restore")
        report.parts.append(try await part("the server is lost and a backup restored", phase).part)
        phase.finish()
        if !isComplete { report.findings.append("not all hold the backup's policies within \(setting.patience) s") }
    }
}
