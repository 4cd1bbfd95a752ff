import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore
import SyncStoreSQLite
import TestSupport
import Testing

/// `status` against counts made device by device, from what each said last.
@Suite struct StatusTests {
    /// What a device said last, as the test remembers it.
    private struct Said {
        var held: Digest?
        var report: SyncRequest.Report
        var at: Int64
    }

    private static let settings = ["cameraAccess", "funDisabled", "maximumTimeToLock", "no.such.setting"]
    private static let reasons = ["API_LEVEL", "USER_ACTION", "it is Tuesday"]
    private static let silences: Set<Int64> = [60, 3_600]

    @Test(arguments: ["memory", "SQLite"])
    func `status counts what each device said last, also after a restart`(kind: String) async throws {
        let folder = try TemporaryFolder()
        if kind == "SQLite" { try SQLiteStore.create(at: folder.path("a.sqlite"), epoch: 1) }
        let store: any Store =
            kind == "SQLite" ? try SQLiteStore(path: folder.path("a.sqlite")) : MemoryStore(epoch: 1)
        let clock = TestClock(Bench.now)
        var generator = SeededGenerator(for: "status on \(kind)")
        var fleet = NaiveFleet(catalog: try Catalog.embedded())
        var said: [DeviceID: Said] = [:]
        try await Bench.with(store, clock: clock) { bench in
            try await Self.settle(bench, &fleet, &generator)
            for _ in 0..<3 {
                try await Self.talk(bench, fleet, &said, &generator)
                try await Self.push(bench, &fleet, &generator)
                try await Self.compare(bench.engine, fleet, said, clock.now)
            }
        }
        try await Bench.with(store, clock: clock) { bench in
            #expect(bench.engine.snapshot.world.devices.count == 80)
            try await Self.compare(bench.engine, fleet, said, clock.now)
        }
    }

    /// Two agencies with a unit each, 80 terminals, three policies, one of them bound to one terminal.
    private static func settle(
        _ bench: Bench, _ fleet: inout NaiveFleet, _ generator: inout SeededGenerator
    ) async throws {
        let units = try ["/g", "/p", "/g/north", "/p/south"].map(bench.path)
        try await bench.change([.createUnit(units[2]), .createUnit(units[3])])
        try await bench.change([.provision((0..<80).map { bench.row($0, units[$0 % 4].text) })])
        for number in 0..<70 {
            let device = try await bench.enrol(number, credential: number)
            fleet.terminals[device.id] = NaiveFleet.Terminal(unit: device.unit, tags: [], isEnrolled: true)
        }
        for (owner, name) in [("/", "all"), ("/g", "agency"), ("/p", "one")] {
            let policy = try #require(PolicyReference(owner: bench.path(owner), name: name))
            try await put(policy, bench, &fleet, &generator)
            let devices = fleet.terminals.filter { $0.value.unit.text == "/p" }.keys.sorted()
            let target: Assignment.Target =
                name == "one" ? .device(try #require(devices.first)) : .unit(try bench.path(owner))
            try await bench.change([.bind(policy, target, nil)])
            fleet.bind(NaiveFleet.Binding(policy: policy, target: target, selector: nil))
        }
    }

    private static func put(
        _ policy: PolicyReference, _ bench: Bench, _ fleet: inout NaiveFleet, _ generator: inout SeededGenerator
    ) async throws {
        let body: [String: JSONValue] = [
            "funDisabled": .bool(.random(using: &generator)),
            "maximumTimeToLock": .integer(Int64.random(in: 1...9, using: &generator) * 60_000),
        ]
        try await bench.change([.putPolicy(policy, .object(body))])
        fleet.put(policy, try #require(bench.engine.snapshot.world.policy(policy)).body)
    }

    private static func push(
        _ bench: Bench, _ fleet: inout NaiveFleet, _ generator: inout SeededGenerator
    ) async throws {
        let policies = fleet.policies.keys.sorted()
        try await put(try #require(policies.randomElement(using: &generator)), bench, &fleet, &generator)
        let gone = fleet.terminals.filter(\.value.isEnrolled).keys.sorted().randomElement(using: &generator)
        try await bench.change([.revoke(try #require(gone))])
        fleet.terminals[try #require(gone)]?.isEnrolled = false
    }

    /// Most terminals report, some hold something old, some fail, some only check in.
    private static func talk(
        _ bench: Bench, _ fleet: NaiveFleet, _ said: inout [DeviceID: Said], _ generator: inout SeededGenerator
    ) async throws {
        for (id, terminal) in fleet.terminals.sorted(by: { $0.key < $1.key }) where terminal.isEnrolled {
            bench.clock.advance(milliseconds: Int64.random(in: 0...120_000, using: &generator))
            guard let device = bench.engine.snapshot.world.devices[id], Int.random(in: 0..<9, using: &generator) > 0
            else { continue }
            let due = digest(fleet.document(of: id))
            let isFailing = Int.random(in: 0..<6, using: &generator) == 0
            let isOld = Int.random(in: 0..<5, using: &generator) == 0
            let held = isFailing || isOld ? Digest(hashing: [7]) : due
            guard var last = said[id], Int.random(in: 0..<4, using: &generator) == 0 else {
                let report = SyncRequest.Report(
                    number: (said[id]?.report.number ?? 0) + 1,
                    failed: isFailing ? SyncRequest.Failed(digest: due, reason: "cause \(id.seq % 3)") : nil,
                    nonCompliance: nonCompliance(&generator))
                try await tell(bench, device, report, held)
                said[id] = Said(held: held, report: report, at: bench.clock.now)
                continue
            }
            last.at = bench.clock.now
            bench.engine.devices.saw(id, enrolment: device.enrolment, have: nil, at: last.at)
            said[id] = last
        }
    }

    private static func nonCompliance(_ generator: inout SeededGenerator) -> [SyncRequest.NonCompliance] {
        (0..<Int.random(in: 0...3, using: &generator)).compactMap { _ in
            guard let setting = settings.randomElement(using: &generator),
                let reason = reasons.randomElement(using: &generator)
            else { return nil }
            return SyncRequest.NonCompliance(setting: setting, reason: reason)
        }
    }

    private static func tell(
        _ bench: Bench, _ device: Device, _ report: SyncRequest.Report, _ held: Digest
    ) async throws {
        let stored = StoredReport(
            device: device.id, enrolment: device.enrolment, number: report.number, held: held,
            failed: report.failed?.digest, received: bench.clock.now, body: CanonicalWriter.bytes(of: report.json))
        _ = try await bench.take(stored, of: device)
    }

    private static func digest(_ document: JSONValue) -> Digest {
        Digest(hashing: CanonicalWriter.bytes(of: document))
    }

    private static func compare(
        _ engine: Engine, _ fleet: NaiveFleet, _ said: [DeviceID: Said], _ now: Int64
    ) async throws {
        let world = engine.snapshot.world
        for unit in world.unitPaths {
            for policy in [nil] + fleet.policies.keys.sorted().map(Optional.some) {
                let found = try await engine.status(
                    FleetStatus.Query(
                        under: unit, policy: policy.flatMap { world.policy($0)?.id }, silences: silences))
                let expected = count(fleet, said, unit, policy, world, now)
                #expect(found == expected, "\(unit) \(policy.map(\.description) ?? "-")")
            }
        }
    }

    private static func count(
        _ fleet: NaiveFleet, _ said: [DeviceID: Said], _ unit: OrgPath, _ policy: PolicyReference?, _ world: World,
        _ now: Int64
    ) -> FleetStatus {
        var status = FleetStatus()
        for seconds in silences { status.silent[seconds] = 0 }
        if policy == nil {
            for device in world.devices.values where device.state != .enrolled && unit.contains(device.unit) {
                status.states[device.state, default: 0] += 1
            }
        }
        for (id, terminal) in fleet.terminals where terminal.isEnrolled && unit.contains(terminal.unit) {
            guard policy.map({ fleet.reaches($0, id) }) ?? true else { continue }
            status.states[.enrolled, default: 0] += 1
            guard let said = said[id] else {
                status.standings[.silent, default: 0] += 1
                continue
            }
            let due = digest(fleet.document(of: id))
            let sets = policy.flatMap { fleet.policies[$0]?.keys }.map(Set.init)
            if said.held == due {
                let all = Set(said.report.nonCompliance.map(read))
                status.standings[all.isEmpty ? .inSync : .nonCompliant, default: 0] += 1
                for entry in all where sets.map({ entry.setting.map($0.contains) ?? false }) ?? true {
                    status.nonCompliance[entry, default: 0] += 1
                }
            } else if let failed = said.report.failed, failed.digest == due {
                status.standings[.failed, default: 0] += 1
                status.failures[failed.reason, default: 0] += 1
            } else {
                status.standings[.pending, default: 0] += 1
            }
            for seconds in silences where now - said.at >= seconds * 1_000 { status.silent[seconds, default: 0] += 1 }
        }
        return status
    }

    private static func read(_ said: SyncRequest.NonCompliance) -> NonCompliance {
        NonCompliance(
            setting: said.setting.hasPrefix("no.") ? nil : said.setting,
            reason: NonCompliance.Reason(rawValue: said.reason) ?? .other)
    }
}
