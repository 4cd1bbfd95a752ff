import NIOCore
import SyncClient
import SyncCore
import SyncProtocol

/// What a scenario plays on: a server, a fleet that it knows, and the oracle that keeps the account.
final class Stage {
    /// What the command line says.
    struct Setting: Sendable {
        let scenario: String
        let handsets: Int
        let seed: UInt64
        let agents: AgentAddress
        let client: OperatorClient
        let threads: Int
        /// Seconds until a phase is given up.
        let patience: Int
        /// Tells a policy from what the oracle is told, to see the oracle catch it.
        let plantsFault: Bool
        /// Milliseconds since 1970, for the tokens' expiry.
        let now: Int64
        let say: @Sendable (String) -> Void
        /// Seconds of scenario time in one real second.
        var pace = 1.0
        /// Connections that this process may have.
        var connections = Int.max
        /// What this process plays of the fleet.
        var share = Share.whole
        /// Returns when all processes are as far as this one.
        var meet: @Sendable (String) async -> Void = { _ in }
    }

    let setting: Setting
    var fleet: Fleet
    let driver: FleetDriver
    var oracle: Oracle
    var report: RunReport
    /// What the bench has done so far, for its intents.
    var acts = 0
    var isOneSettingBound = false
    var lastSeq: Seq?
    private let bar = ProgressBar()

    static func set(_ setting: Setting) async throws -> Stage {
        setting.say("fleet of \(setting.handsets) handsets, seed \(setting.seed)")
        return try await set(setting, try Fleet(size: setting.handsets, seed: setting.seed).part(setting.share))
    }

    static func set(_ setting: Setting, _ fleet: Fleet) async throws -> Stage {
        let day: Int64 = 86_400_000
        try await Settlement(
            client: setting.client, fleet: fleet, expires: setting.now + day, share: setting.share, meet: setting.meet
        ).settle()
        let whose = setting.share.isWhole ? "" : " of share \(setting.share)"
        setting.say("the server knows \(fleet.units.count) units and \(fleet.members.count) terminals\(whose)")
        let driver = try await FleetDriver.start(
            fleet, at: setting.agents, threads: setting.threads,
            connections: setting.connections, run: UInt64(setting.now / 1_000) &+ UInt64(setting.share.number))
        return Stage(setting, fleet, driver, Oracle(catalog: try Catalog.embedded()))
    }

    private init(_ setting: Setting, _ fleet: Fleet, _ driver: FleetDriver, _ oracle: Oracle) {
        self.setting = setting
        self.fleet = fleet
        self.driver = driver
        self.oracle = oracle
        report = RunReport(
            scenario: setting.scenario, seed: setting.seed, handsets: fleet.members.count,
            connections: driver.connections)
    }

    /// Pushes a policy as an operator does: put and bind in one change set.
    func push(_ name: String, to target: OrgPath, selector: String? = nil) async throws {
        let json = try Policies.named(name)
        guard let policy = PolicyReference(owner: target, name: name) else { throw Policies.Unknown(name: name) }
        let parsed = try selector.map { try Selector($0) }
        try await send(
            policy, json, target, parsed, intent: "push-\(setting.seed)-\(setting.handsets)-\(name)-\(target)")
        try oracle.pushed(Oracle.Push(policy: policy, target: target, selector: parsed), json)
    }

    /// A push that the oracle is not told of.
    func plantFault() async throws {
        guard let unit = fleet.members.last?.unit, let policy = PolicyReference(owner: unit, name: "planted") else {
            return
        }
        try await send(policy, .object(["funDisabled": .bool(true)]), unit, nil, intent: "planted-\(setting.seed)")
    }

    /// - Parameter first: edits of the same change set that come before.
    func send(
        _ policy: PolicyReference, _ json: JSONValue, _ target: OrgPath, _ selector: Selector?, intent: String,
        first: [Edit] = []
    ) async throws {
        guard setting.share.isFirst else { return }
        let edits = first + [.putPolicy(policy, json), .bind(policy, .unit(target), selector)]
        _ = try await setting.client.change(ChangeRequest(intent: intent, edits: edits))
    }

    /// Waits for a phase to end, or for patience to; shows how far it is.
    ///
    /// - Parameter patience: real seconds; those of the command line where none are given.
    func await(_ phase: Phase, _ name: String, patience: Double? = nil) async -> Bool {
        let total = fleet.members.count
        let impatience = driver.after(seconds: patience ?? Double(setting.patience)) { phase.giveUp() }
        let ticker = driver.every(milliseconds: 200) { [bar] in bar.show(name, phase.now.arrived, of: total) }
        await phase.untilOver()
        ticker.cancel()
        impatience.cancel()
        bar.show(name, phase.now.arrived, of: total)
        bar.end()
        return phase.now.arrived == total
    }

    /// Compares what every handset holds with what the oracle says.
    func judge() async throws {
        let expected = await oracle.digests(for: fleet)
        for (index, state) in try await driver.states().enumerated() {
            let member = fleet.members[index]
            let name = "handset \(index) (serial \(member.serial), \(member.unit))"
            if let fault = state.fault {
                report.findings.append("\(name): \(fault)")
            } else if state.digest != expected[index] {
                report.findings.append(
                    "\(name): holds \(state.digest?.short ?? "nothing"), must hold \(expected[index].short)")
            }
        }
    }
}
