import Foundation
import NIOCore
import SyncClient
import SyncCore

/// A play that a fleet gives: set up, acted, judged.
public enum Scenario: String, CaseIterable, Sendable {
    /// Everyone enrols, takes its policy, reports, and checks in once more.
    case rollCall = "roll-call"
    /// Policies go to everyone, to one agency, to one unit, while every handset waits for news.
    case push
    /// Operators edit shared policies against each other while every handset waits for news.
    case tugOfWar = "tug-of-war"
    /// Half of the fleet is out of reach for days, its users busy; then all come back at once, over a network that loses
    /// answers.
    case fieldDay = "field-day"
    /// The server is lost while every handset is connected, and an old backup takes its place.
    case restore
    /// Quiet times: every handset checks in at its own place in the interval.
    case steady
    /// The server is away for half an hour, and all come back.
    case outage
    /// Everyone wakes within a minute.
    case morning
    /// The whole fleet enrols at once.
    case storm
    /// A hundred policies are replaced while handsets wait.
    case swap
    /// Many devices change unit, and nobody else is disturbed.
    case move

    /// Seconds of scenario time in one real second, where the command line says nothing.
    public var usualPace: Double {
        switch self {
        case .steady, .outage: 60
        case .morning: 10
        default: 1
        }
    }

    /// What may be said instead: beyond it a minute is less than the simulator looks at.
    public static let paces = 1.0...600

    /// Whether several processes can play it: its operators act at points that all of them know.
    public var canBeShared: Bool { self == .rollCall || self == .push }

    /// Whether its own server is part of the play.
    public var startsItsServer: Bool { self == .restore || self == .outage }

    /// What to play, and against what.
    public struct Plan: Sendable {
        public let handsets: Int
        public let seed: UInt64
        public let agents: AgentAddress
        public let client: OperatorClient
        public let threads: Int
        public let patienceSeconds: Int
        public let plantsFault: Bool
        public let nowMilliseconds: Int64
        /// Where the server's binary lies, for a scenario that starts its own.
        public let binaries: URL
        /// Seconds of scenario time in one real second; nil for what is usual.
        public let pace: Double?
        /// Connections that one process may have.
        public var connections = Int.max
        /// What this process plays of the fleet.
        public var share = Share.whole
        /// Returns when all processes are as far as this one.
        public var meet: @Sendable (String) async -> Void = { _ in }

        public init(
            handsets: Int, seed: UInt64, agents: AgentAddress, client: OperatorClient, threads: Int,
            patienceSeconds: Int, plantsFault: Bool, nowMilliseconds: Int64,
            binaries: URL, pace: Double? = nil
        ) {
            self.handsets = handsets
            self.seed = seed
            self.agents = agents
            self.client = client
            self.threads = threads
            self.patienceSeconds = patienceSeconds
            self.plantsFault = plantsFault
            self.nowMilliseconds = nowMilliseconds
            self.binaries = binaries
            self.pace = pace
        }
    }

    /// Plays it; whether every handset ended where it must stands in the report.
    public func run(_ plan: Plan, say: @escaping @Sendable (String) -> Void) async throws -> RunReport {
        guard startsItsServer else {
            return try await play(plan, plan.agents, plan.client, nil, say)
        }
        let (server, client) = try ServerProcess.consigned(beside: plan.binaries)
        defer { server.stop() }
        return try await play(plan, server.agents, client, server, say)
    }

    private func play(
        _ plan: Plan, _ agents: AgentAddress, _ client: OperatorClient, _ server: ServerProcess?,
        _ say: @escaping @Sendable (String) -> Void
    ) async throws -> RunReport {
        let stage = try await Stage.set(
            Stage.Setting(
                scenario: rawValue, handsets: plan.handsets, seed: plan.seed, agents: agents, client: client,
                threads: plan.threads, patience: plan.patienceSeconds, plantsFault: plan.plantsFault,
                now: plan.nowMilliseconds, say: say, pace: plan.pace ?? usualPace,
                connections: plan.connections, share: plan.share, meet: plan.meet))
        try await stage.pushStanding()
        if plan.plantsFault { try await stage.plantFault() }
        await plan.meet("the standing policies are there")
        if self != .storm {
            try await stage.driver.connect()
            try await stage.rollCall()
        }
        try await act(on: stage, server)
        try await stage.judge()
        try await stage.driver.stop()
        return stage.report
    }

    private func act(on stage: Stage, _ server: ServerProcess?) async throws {
        switch self {
        case .rollCall: break
        case .push: try await stage.pushes()
        case .tugOfWar: try await stage.tugOfWar()
        case .fieldDay: try await stage.fieldDay()
        case .restore: if let server { try await stage.restore(server) }
        case .steady: try await stage.steady()
        case .outage: if let server { try await stage.outage(server) }
        case .morning: try await stage.morning()
        case .storm: try await stage.storm()
        case .swap: try await stage.swap()
        case .move: try await stage.move()
        }
    }
}

extension Stage {
    /// The policies that stand before anything is measured, on every layer that the fleet has units for.
    func pushStanding() async throws {
        try await push("baseline", to: .root)
        for agency in ["gendarmerie", "police", "penitentiaire"] {
            if let path = OrgPath("/\(agency)"), fleet.units.contains(path) { try await push(agency, to: path) }
        }
        for path in fleet.units where path.depth == 1 { try await push("patrol", to: path, selector: "patrol,!spare") }
        if let region = OrgPath("/gendarmerie/bre"), fleet.units.contains(region) {
            try await push("bretagne", to: region)
        }
    }

    func rollCall() async throws {
        setting.say("roll call")
        try await countAnew()
        let phase = Phase(.rollCall(turns: 2), handsets: fleet.members.count, wait: 0)
        phase.restartClock()
        driver.begin(phase)
        let isComplete = await self.await(phase, "roll call")
        report.parts.append(try await part("roll call", phase).part)
        if !isComplete { nameLaggards(phase, "did not answer the roll call") }
    }

    /// Three pushes of growing aim, each timed until every handset that it concerns holds it.
    func pushes() async throws {
        let unit = fleet.aim
        guard let agency = unit.agency else { return }
        for (name, target) in [("push-everyone", OrgPath.root), ("push-agency", agency), ("push-unit", unit)] {
            try await timedPush(name, to: target)
        }
    }

    func timedPush(_ name: String, to target: OrgPath) async throws {
        let before = await oracle.digests(for: fleet)
        var told = oracle
        guard let policy = PolicyReference(owner: target, name: name) else { return }
        try told.pushed(Oracle.Push(policy: policy, target: target, selector: nil), try Policies.named(name))
        let targets = await told.digests(for: fleet)
        let phase = Phase(.watch(targets: targets), handsets: fleet.members.count, wait: 60)
        for index in targets.indices where targets[index] == before[index] { phase.arrived(index) }
        let concerned = zip(before, targets).count { $0 != $1 }
        setting.say("\(name) to \(target): \(concerned) handsets")
        driver.begin(phase)
        await untilWaiting(phase)
        await setting.meet("all wait for \(name)")
        try await countAnew()
        phase.restartClock()
        try await push(name, to: target)
        let isComplete = await self.await(phase, name)
        let arrivals = zip(phase.now.arrivals, zip(before, targets)).compactMap { $1.0 == $1.1 ? nil : $0 }.sorted()
        var (part, _) = try await part("\(name) to \(target)", phase)
        part.nanoseconds = arrivals.last ?? 0
        part.convergence = Self.convergence(arrivals, of: concerned)
        part.handsets = concerned
        report.parts.append(part)
        phase.finish()
        if !isComplete { nameLaggards(phase, "did not get \(name) in \(setting.patience) s") }
    }

    /// Waits until the server has parked every handset that has a connection of its own.
    func untilWaiting(_ phase: Phase) async {
        guard driver.connections == fleet.members.count else { return }
        let (full, tell) = AsyncStream.makeStream(of: Void.self)
        let total = fleet.members.count
        let ticker = driver.every(milliseconds: 20) { if phase.now.waiting >= total { tell.finish() } }
        let impatience = driver.after(seconds: 30) { tell.finish() }
        for await _ in full {}
        ticker.cancel()
        impatience.cancel()
    }

    static func convergence(_ arrivals: [UInt64], of total: Int) -> [(percent: Int, nanoseconds: UInt64)] {
        [50, 99, 100].compactMap { percent in
            let needed = max(1, (total * percent + 99) / 100)
            return arrivals.count >= needed ? (percent, arrivals[needed - 1]) : nil
        }
    }
}
