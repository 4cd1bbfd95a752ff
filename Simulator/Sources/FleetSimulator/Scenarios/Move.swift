import SyncClient
import SyncCore
import SyncProtocol

extension Stage {
    /// Devices that move: a twelfth of a fleet, at most as many as a reform moves at once.
    private static let moved = (most: 10_000, percent: 8)

    private static let application = JSONValue.object([
        "packageName": .string("fr.example.detached"), "installType": .string("FORCE_INSTALLED"),
    ])

    /// Many devices change unit in one change set while every handset waits: they get another policy, and nobody else is
    /// disturbed.
    func move() async throws {
        let agency = fleet.aim.agency ?? .root
        guard let unit = OrgPath("\(agency)/detached"), let policy = PolicyReference(owner: unit, name: "detached")
        else {
            return
        }
        let body = JSONValue.object(["applications": .array([Self.application])])
        try await send(policy, body, unit, nil, intent: "detached-\(setting.seed)", first: [.createUnit(unit)])
        try oracle.pushed(Oracle.Push(policy: policy, target: unit, selector: nil), body)
        let moving = movers(of: agency)
        let devices = try await devices()
        let edits = moving.compactMap { devices[fleet.members[$0].serial] }.map { Edit.move($0, to: unit) }
        let before = await oracle.digests(for: fleet)
        fleet = fleet.moving(Set(moving), to: unit)
        let phase = try await watch(oracle, since: before)
        if setting.plantsFault { try await disturb(unit) }
        _ = try await setting.client.change(ChangeRequest(intent: "move-\(setting.seed)", edits: edits))
        let name = "\(moving.count) devices move to \(unit) in one change set"
        let (concerned, tally) = try await awaitAll(phase, before, name)
        let others = tally.wakes.filter { !concerned.contains($0.key) }
        report.parts[report.parts.count - 1].notes.append("answers to handsets that do not move: \(others.count)")
        for handset in others.keys.sorted() {
            report.findings.append(
                "handset \(handset) (serial \(fleet.members[handset].serial)): woken, and does not move")
        }
    }

    /// Handsets of an agency, spread over its units.
    private func movers(of agency: OrgPath) -> [Int] {
        let members = fleet.members.indices.filter { fleet.members[$0].unit.agency == agency }
        let count = min(Self.moved.most, max(1, fleet.members.count * Self.moved.percent / 100), members.count)
        return (0..<count).map { members[$0 * members.count / count] }
    }

    /// Something that concerns somebody who does not move, and that the oracle is not told of.
    private func disturb(_ moved: OrgPath) async throws {
        guard let unit = fleet.members.first(where: { $0.unit != moved })?.unit,
            let policy = PolicyReference(owner: unit, name: "disturbing")
        else { return }
        try await send(
            policy, .object(["funDisabled": .bool(true)]), unit, nil, intent: "disturbing-\(setting.seed)")
    }
}
