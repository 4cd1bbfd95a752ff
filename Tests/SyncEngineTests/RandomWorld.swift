import SyncCore
import SyncProtocol
import TestSupport

@testable import SyncEngine

/// A World that grows by random changes of every kind, as drafts would make them.
struct RandomWorld {
    private(set) var world: World
    private var generator: SeededGenerator
    private var next = 0

    init(_ generator: SeededGenerator) throws {
        world = World(epoch: 3, catalog: try Catalog.embedded())
        self.generator = generator
    }

    /// One more change, with its stamp; the World has it already.
    mutating func grow() -> (Change, Stamp)? {
        guard let change = change() else { return nil }
        next += 1
        let outcome: Entry.Outcome =
            if case .siblingKept = change { .sibling } else { chance(20) ? .forced : .applied }
        let stamp = Stamp(
            seq: world.seq + 1, author: "author\(next % 3)", received: Int64(next) * 1_000,
            base: Seq.random(in: 0...world.seq, using: &generator), outcome: outcome)
        world.apply(change, stamp)
        world.sortDevices()
        return (change, stamp)
    }

    private mutating func change() -> Change? {
        switch Int.random(in: 0..<32, using: &generator) {
        case 0: return .catalogActivated(digest())
        case 1...3: return unit().text.split(separator: "/").count < 4 ? .unitCreated(newUnit()) : nil
        case 4, 5: return policy()
        case 6...10: return setting()
        case 11...13: return bound()
        case 14: return world.assignments.keys.sorted().randomElement(using: &generator).map { .unbound($0) }
        case 15: return .tokenIssued(TokenID(seq: world.seq + 1), grant())
        case 16: return world.tokenHashes.keys.sorted().randomElement(using: &generator).map { .tokenRevoked($0) }
        case 17: return provisioned()
        case 18...22: return enrolled()
        case 23: return moved()
        case 24: return device().map { .deviceTagged($0.id, tags()) }
        case 25: return device().map { .deviceFactsChanged($0.id, facts()) }
        case 26: return device { $0 == .enrolled }.map { .deviceRevoked($0.id) }
        case 27: return device { $0 != .retired }.map { .deviceRetired($0.id) }
        case 28: return appointed()
        case 29:
            return device().map { .userEdited($0.id, UserEdit("user.language", .unset), seen: 3) }
        case 30: return device().map { .deviceReplaced($0.id, old: DeviceID(seq: 1)) }
        default: return world.operators.keys.sorted().randomElement(using: &generator).map { .operatorDismissed($0) }
        }
    }

    private mutating func policy() -> Change? {
        let name = ["a", "b", "c"].randomElement(using: &generator) ?? "a"
        guard let reference = PolicyReference(owner: unit(), name: name), world.policy(reference) == nil else {
            return nil
        }
        return .policyCreated(PolicyID(seq: world.seq + 1), reference)
    }

    private mutating func setting() -> Change? {
        guard let id = world.policies.keys.sorted().randomElement(using: &generator),
            let key = Self.keys.randomElement(using: &generator), let setting = world.catalog.settings[key]
        else { return nil }
        let value = RandomValue.of(setting.type, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: return .settingRemoved(id, key: key)
        case 1: return .siblingKept(id, key: key, chance(30) ? nil : SettingValue(value, isEnforced: chance(50)))
        default: return .settingSet(id, key: key, value: value, isEnforced: chance(20))
        }
    }

    private mutating func bound() -> Change? {
        guard let policy = world.policies.keys.sorted().randomElement(using: &generator) else { return nil }
        let id = AssignmentID(seq: world.seq + 1)
        let end: Int64? = chance(10) ? 9_000_000 : nil
        if chance(25), let device = device() {
            return .bound(id, Assignment(policy: policy, target: .device(device.id), incidentUntil: end))
        }
        let selector = chance(50) ? Self.selectors.randomElement(using: &generator).flatMap { try? Selector($0) } : nil
        return .bound(id, Assignment(policy: policy, target: .unit(unit()), selector: selector, incidentUntil: end))
    }

    private mutating func provisioned() -> Change {
        let provision = Provision(
            serial: "S\(next)", model: "M\(next % 2)", unit: unit(), tags: tags(), tokenHash: digest(), expires: 7)
        return .deviceProvisioned(DeviceID(seq: world.seq + 1), provision)
    }

    /// A delivered terminal with its token, a new one, or one that comes back.
    private mutating func enrolled() -> Change? {
        guard let token = world.tokens.values.sorted(by: { $0.id < $1.id }).randomElement(using: &generator) else {
            return nil
        }
        let back = chance(50) ? device { $0 == .revoked } : nil
        let known = token.device.flatMap { world.devices[$0] } ?? back
        guard known?.state != .retired else { return nil }
        let serial = known?.serial ?? (chance(50) ? "N\(next)" : nil)
        return .deviceEnrolled(
            known?.id ?? DeviceID(seq: world.seq + 1),
            Enrolment(
                tokenHash: token.grant.hash, credentialHash: digest(), unit: known?.unit ?? unit(), tags: tags(),
                serial: serial, facts: facts()))
    }

    /// A device moves inside its agency.
    private mutating func moved() -> Change? {
        guard let device = device() else { return nil }
        let units = world.unitPaths.filter { ($0.agency ?? .root) == (device.unit.agency ?? .root) }
        return units.randomElement(using: &generator).map { .deviceMoved(device.id, $0) }
    }

    private mutating func appointed() -> Change? {
        guard let name = OperatorName("o\(next)"), let role = Role.allCases.randomElement(using: &generator) else {
            return nil
        }
        let expires = chance(50) ? Int64.random(in: 1...9_999, using: &generator) : nil
        return .operatorAppointed(
            Operator(name: name, role: role, unit: unit(), expires: expires), tokenHash: digest())
    }

    private mutating func grant() -> EnrolmentToken {
        EnrolmentToken(
            hash: digest(), unit: unit(), tags: tags(), uses: Int.random(in: 1...9, using: &generator), expires: 5,
            device: chance(30) ? device()?.id : nil)
    }

    private mutating func device(where isWanted: (Device.State) -> Bool = { _ in true }) -> Device? {
        world.devices.values.filter { isWanted($0.state) }.sorted { $0.id < $1.id }.randomElement(using: &generator)
    }

    private mutating func unit() -> OrgPath { world.unitPaths.randomElement(using: &generator) ?? .root }

    private mutating func newUnit() -> OrgPath {
        let parent = unit()
        return OrgPath((parent == .root ? "" : parent.text) + "/u\(next)") ?? .root
    }

    private mutating func tags() -> Set<SyncCore.Tag> {
        Set(["patrol", "spare", "car"].filter { _ in chance(30) }.compactMap { SyncCore.Tag($0) })
    }

    private mutating func facts() -> Facts {
        var members: [String: JSONValue] = [:]
        if chance(80) { members["apiLevel"] = .integer(Int64.random(in: 31...35, using: &generator)) }
        if chance(50) { members["model"] = .string("Ä \"\(next % 3)\"") }
        return (try? Facts(.object(members))) ?? .none
    }

    private mutating func digest() -> Digest {
        Digest(hashing: (0..<8).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

    private static let keys = [
        "cameraAccess", "frpAdminEmails", "maximumTimeToLock", "permissionGrants", "applications",
    ]
    private static let selectors = ["patrol", "!spare", "patrol,!car", "fact.apiLevel<33", "fact.model=A"]
}
