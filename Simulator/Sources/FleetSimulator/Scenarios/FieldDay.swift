import SyncClient
import SyncCore
import SyncProtocol

extension Stage {
    /// Answers lost of a hundred while everybody comes back.
    private static let lossPercent = 10
    /// Handsets for whom an operator does something.
    private static let helped = 2_000

    /// Half of the fleet is out of reach for a week; its users set things, operators set things for them, and policies
    /// close some of what users may set. Then everybody comes back, over a network that loses one answer in ten.
    func fieldDay() async throws {
        var generator = SplitMix64(seed: setting.seed)
        var accounts = fleet.members.map { _ in UserAccount() }
        try await act(fleet.members.indices.map { $0 }, 1...1, &accounts, &generator)
        try await allCheckIn("users set up their terminals", lossPercent: 0)
        let before = try await rejections(&accounts)
        let absent = driver.share(one: 2)
        try await driver.disconnect(absent)
        setting.say("\(absent.count) handsets are out of reach")
        try await act(absent.sorted(), 1...8, &accounts, &generator)
        try await help(&accounts, &generator)
        try await closeGates()
        try await act(absent.sorted(), 0...2, &accounts, &generator)
        let edits = accounts.reduce(0) { $0 + $1.onDevice.count }
        try await allCheckIn("everybody comes back, \(edits) edits by users", lossPercent: Self.lossPercent)
        try await judgeUsers(accounts, before)
    }

    /// Operators set things for users, some having seen what those had set, some not.
    private func help(_ accounts: inout [UserAccount], _ generator: inout SplitMix64) async throws {
        let devices = try await devices()
        let step = max(1, fleet.members.count / Self.helped)
        var helped: [(handset: Int, seen: UInt64, edit: UserEdit)] = []
        var edits: [Edit] = []
        for handset in stride(from: 0, to: fleet.members.count, by: step) {
            guard let device = devices[fleet.members[handset].serial] else { continue }
            let seen = UInt64.random(in: 0...1, using: &generator)
            let name = JSONValue.string(["brigade", "poste"].randomElement(using: &generator) ?? "brigade")
            let edit = [
                UserEdit("user.language", .set, name), UserEdit("user.favouriteApps", .add, .array([name])),
                UserEdit("user.favouriteApps", .remove, .array([name])),
            ][Int.random(in: 0...2, using: &generator)]
            helped.append((handset, seen, edit))
            edits.append(.editUser(device, edit, seen: seen))
        }
        let receipt = try await setting.client.change(
            ChangeRequest(intent: "help-\(setting.seed)-\(fleet.members.count)", edits: edits))
        let first = Seq(receipt["first"]?.integer ?? 0)
        for (index, help) in helped.enumerated() {
            accounts[help.handset].elsewhere.append(
                UserAccount.Elsewhere(seq: first + Seq(index), seen: help.seen, edit: help.edit))
        }
        setting.say("operators helped \(edits.count) users")
    }

    private func closeGates() async throws {
        for (agency, policy) in [("gendarmerie", "field-wifi"), ("police", "field-location")] {
            if let path = OrgPath("/\(agency)"), fleet.units.contains(path) { try await push(policy, to: path) }
        }
    }

    /// What the policies up to now rejected.
    private func rejections(_ accounts: inout [UserAccount]) async throws -> [Set<UInt64>] {
        let catalog = try Catalog.embedded()
        return zip(accounts, fleet.members).map { account, member in
            account.rejected(account.onDevice, under: oracle.document(for: member), catalog)
        }
    }
}
