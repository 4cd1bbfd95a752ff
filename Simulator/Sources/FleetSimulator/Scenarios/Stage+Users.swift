import SyncClient
import SyncCore
import SyncProtocol

/// What scenarios with busy users share.
extension Stage {
    /// Handsets whose user document is read back from the server.
    private static let readBack = 200

    /// Users do things on their terminals; their clocks are years off.
    func act(
        _ handsets: [Int], _ count: ClosedRange<Int>, _ accounts: inout [UserAccount], _ generator: inout SplitMix64,
        kinds: ClosedRange<Int> = 0...8
    ) async throws {
        var deeds: [Int: [FleetDriver.Deed]] = [:]
        for handset in handsets {
            deeds[handset] = (0..<Int.random(in: count, using: &generator)).map { _ in
                let years = Int64.random(in: -10...10, using: &generator)
                return FleetDriver.Deed(
                    edit: Self.edit(Int.random(in: kinds, using: &generator), using: &generator),
                    claimed: setting.now + years * 31_556_952_000)
            }
        }
        for (handset, edits) in try await driver.edit(deeds) { accounts[handset].onDevice += edits }
    }

    private static func edit(_ kind: Int, using generator: inout SplitMix64) -> UserEdit {
        let name = JSONValue.string(["brigade", "poste", "maison"].randomElement(using: &generator) ?? "brigade")
        let flag = JSONValue.bool(Bool.random(using: &generator))
        switch kind {
        case 0: return UserEdit("user.language", .set, name)
        case 1: return UserEdit("user.language", .unset)
        case 2: return UserEdit("user.favouriteApps", .add, .array([name]))
        case 3: return UserEdit("user.favouriteApps", .remove, .array([name]))
        case 4: return UserEdit("user.wifiNetworks", .put, .object(["ssid": name, "security": name]))
        case 5: return UserEdit("user.wifiNetworks", .patch, .object(["ssid": name, "autoConnect": flag]))
        case 6: return UserEdit("user.wifiNetworks", .remove, .array([name]))
        case 7: return UserEdit("user.locationEnabled", .set, flag)
        default:
            let seconds = [30, 300, 1_200].randomElement(using: &generator) ?? 30
            return UserEdit("displaySettings.screenTimeoutSettings.screenTimeout", .set, .string("\(seconds)s"))
        }
    }

    /// Devices by serial number.
    func devices() async throws -> [String: DeviceID] {
        var devices: [String: DeviceID] = [:]
        var after: String?
        repeat {
            let page = try await setting.client.get("/v1/devices", [("limit", "1000"), ("after", after)])
            for device in page["devices"]?.array ?? [] {
                guard let serial = device["serial"]?.string else { continue }
                devices[serial] = device["device"]?.string.flatMap { DeviceID($0) }
            }
            after = page["next"]?.string
        } while after != nil
        return devices
    }

    func allCheckIn(_ name: String, lossPercent: Int) async throws {
        try await countAnew()
        let phase = Phase(.rollCall(turns: 2), handsets: fleet.members.count, wait: 0, lossPercent: lossPercent)
        phase.restartClock()
        driver.begin(phase)
        let isComplete = await self.await(phase, name)
        report.parts.append(try await part(name, phase).part)
        if !isComplete { report.findings.append("\(name): not all did within \(setting.patience) s") }
    }

    /// Every handset, and the server where it is asked, must have what the definition makes of all that was done; what
    /// was rejected must be what the policies do not leave to users.
    func judgeUsers(_ accounts: [UserAccount], _ before: [Set<UInt64>]) async throws {
        let catalog = try Catalog.embedded()
        let states = try await driver.states()
        let devices = try await devices()
        let step = max(1, fleet.members.count / Self.readBack)
        var rejections = 0
        for (index, member) in fleet.members.enumerated() {
            let late = Array(accounts[index].onDevice.dropFirst(1))
            let rejected = before[index].union(
                accounts[index].rejected(late, under: oracle.document(for: member), catalog))
            rejections += rejected.count
            let expected = accounts[index].values(without: rejected)
            let user = states[index].user
            let name = "handset \(index) (serial \(member.serial))"
            if !user.waiting.isEmpty { report.findings.append("\(name): \(user.waiting.count) edits have no answer") }
            if Set(user.rejected.map(\.number)) != rejected {
                report.findings.append(
                    "\(name): rejected \(user.rejected.map(\.number)), must be \(rejected.sorted())")
            }
            if user.values(catalog) != expected {
                report.findings.append("\(name): its user document is not what was set")
            }
            guard index % step == 0, let device = devices[member.serial] else { continue }
            let answer = try await setting.client.get("/v1/devices/\(device)/user")
            let settings = (answer["settings"]?.object ?? [:]).compactMapValues { $0["value"] }
            if settings != expected { report.findings.append("\(name): the server's user document differs") }
        }
        setting.say("users: \(rejections) edits were rejected, as the policies say")
    }
}
