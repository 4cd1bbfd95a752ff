import SyncCore
import SyncProtocol
import TestSupport
import Testing

@testable import SyncEngine

/// Nothing grows by how much ever happened: what no device needs any more is let go.
@Suite struct GrowthTests {
    private static let units = ["/g", "/g/a", "/g/a/x", "/g/b", "/p", "/p/c"]
    private static let selectors = ["patrol", "!spare", "fact.apiLevel<33", "fact.model=A", "fact.apiLevel<34,spare"]

    /// Sizes of all tables that changes of binding, place, tags and facts go through.
    private static func sizes(_ world: World) -> [String: Int] {
        [
            "cohorts": world.cohorts.entries.count, "device assignments": world.deviceAssignments.count,
            "assignments": world.assignments.count, "of policies": world.assignmentsOfPolicy.count,
            "units": world.units.bound.count, "incidents": world.incidents.count,
            "facts": world.factReaders.count, "devices": world.devices.count,
            "listed": world.units.nodes.reduce(0) { $0 + Array(world.devices(under: $1.path, after: nil)).count },
        ]
    }

    @Test func `thousands of bindings, moves, tags and facts leave nothing behind`() throws {
        var generator = SeededGenerator(for: "thousands of bindings, moves, tags and facts")
        var world = try Self.fleet()
        let began = Self.sizes(world)
        let devices = world.devices.values.sorted { $0.id < $1.id }
        for step in 0..<4_000 {
            Self.apply(try Self.change(in: world, devices, &generator), to: &world)
            guard step.isMultiple(of: 1_000) else { continue }
            try SameWorld.expect(try Self.readBack(world), world, "step \(step)")
        }
        #expect(Self.sizes(world) != began)
        for id in world.assignments.keys.sorted() { Self.apply(.unbound(id), to: &world) }
        for device in devices {
            Self.apply(.deviceMoved(device.id, device.unit), to: &world)
            Self.apply(.deviceTagged(device.id, []), to: &world)
            Self.apply(.deviceFactsChanged(device.id, .none), to: &world)
        }
        #expect(Self.sizes(world) == began)
        try SameWorld.expect(try Self.readBack(world), world, "at the end")
        for device in devices { Self.apply(.deviceRetired(device.id), to: &world) }
        #expect(world.cohorts.entries.isEmpty, "who is gone is in no cohort")
    }

    /// A cohort's number says which it is, also to who remembers one that is gone.
    @Test func `a cohort that comes back has another number`() throws {
        var world = try Self.fleet()
        let device = try #require(world.devices.values.min { $0.id < $1.id })
        let alone = try #require(["alone"].compactMap { SyncCore.Tag($0) }.first)
        Self.apply(.deviceTagged(device.id, [alone]), to: &world)
        let first = try #require(world.devices[device.id]).cohort
        Self.apply(.deviceTagged(device.id, []), to: &world)
        #expect(world.cohort(first) == nil)
        Self.apply(.deviceTagged(device.id, [alone]), to: &world)
        let again = try #require(world.devices[device.id]).cohort
        #expect(again != first && world.cohort(again)?.tags.count == 1)
    }

    @Test func `documents of classes that are gone are let go at a publication`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision([bench.row(1, "/g"), bench.row(2, "/g")])])
            let device = try await bench.enrol(1, credential: 1)
            let policies = try (0..<150).map { try #require(PolicyReference("/g:p\($0)")) }
            try await bench.change(
                policies.enumerated().map { .putPolicy($1, .object(["maximumTimeToLock": .integer(Int64($0 + 1))])) })
            for policy in policies {
                let bound = try await bench.change([.bind(policy, .device(device.id), nil)]).transaction.lastSeq
                try await Self.resolve(device, bench)
                try await bench.change([.unbind(AssignmentID(seq: bound))])
            }
            try await Self.resolve(device, bench)
            #expect(bench.engine.documents.sizes.documents <= Limits.goneClassesKept * 2)
            bench.engine.documents.evict(allBut: bench.engine.snapshot.world)
            let sizes = bench.engine.documents.sizes
            #expect(sizes.documents == 1 && sizes.cohorts == 1, "\(sizes)")
            guard case .document = bench.engine.standing(of: device, in: bench.engine.snapshot) else {
                Issue.record("the class that is needed was let go")
                return
            }
        }
    }

    @Test func `the documents of all classes together stay within their bytes, the oldest go first`() throws {
        let catalog = try Catalog.embedded()
        func version(_ number: Int) -> ClassVersion {
            let member = PolicyClass.Member(policy: PolicyID(seq: Seq(number)), priority: 10, depth: 0)
            return ClassVersion(policyClass: PolicyClass([member]), revision: 1)
        }
        let layer = Layer(
            contributor: Contributor(name: "/:p", place: "baseline", priority: 10, depth: 0),
            entries: ["funDisabled": Layer.Entry(value: .bool(true), seq: 1, isEnforced: false)])
        let document = Document(Resolver.resolve([layer], catalog: catalog), catalog) { _ in nil }
        var cache = DocumentCache(limit: document.bytes.count * 100)
        for number in 1...1_000 {
            cache.keep(document, of: version(number))
            #expect(cache.bytes <= document.bytes.count * 100 && cache.documentCount <= 100)
            #expect(cache.document(of: version(number)) != nil, "the newest stays")
        }
        #expect(cache.document(of: version(1)) == nil)
    }

    @Test func `a change set that stops reading the fact it began to read sorts no device`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision([bench.row(1, "/g")])])
            let facts = try Facts(.object(["apiLevel": .integer(30)]))
            let device = try await bench.enrol(1, credential: 1, facts: facts)
            let policy = try #require(PolicyReference("/g:p"))
            try await bench.change([.putPolicy(policy, .object(["funDisabled": .bool(true)]))])
            let selector = try Selector("fact.apiLevel<33")
            let unit = Assignment.Target.unit(try bench.path("/g"))
            let next = AssignmentID(seq: bench.engine.snapshot.world.seq + 1)
            try await bench.change([.bind(policy, unit, selector), .unbind(next)])
            #expect(bench.engine.snapshot.world.devices[device.id] === device)
            let plan = try await bench.plan([.bind(policy, unit, selector)])
            #expect(plan.changed == 1)
            try await bench.change([.bind(policy, unit, selector)])
            let sorted = try #require(bench.engine.snapshot.world.devices[device.id])
            #expect(sorted !== device && sorted.cohort != device.cohort)
            let document = try bench.engine.explain(device.id, for: bench.admin).document
            #expect(document == .object(["funDisabled": .bool(true)]))
        }
    }

    private static func resolve(_ device: Device, _ bench: Bench) async throws {
        let snapshot = bench.engine.snapshot
        let device = try #require(snapshot.world.devices[device.id])
        guard case .unresolved(let version) = bench.engine.standing(of: device, in: snapshot) else { return }
        await withCheckedContinuation { continuation in
            bench.engine.whenResolved(version, in: snapshot) { _ in continuation.resume() }
        }
        _ = bench.engine.standing(of: device, in: snapshot)
    }

    /// Six units, three policies, 60 devices.
    private static func fleet() throws -> World {
        var world = World(epoch: 1, catalog: try Catalog.embedded())
        for unit in units { apply(.unitCreated(try #require(OrgPath(unit))), to: &world) }
        for name in ["a", "b", "c"] {
            let reference = try #require(PolicyReference("/:\(name)"))
            apply(.policyCreated(PolicyID(seq: world.seq + 1), reference), to: &world)
        }
        for number in 0..<60 {
            let enrolment = Enrolment(
                tokenHash: Digest(hashing: [1]), credentialHash: Digest(hashing: [UInt8(number)]),
                unit: try #require(OrgPath(units[number % units.count])), tags: [], serial: nil, facts: .none)
            apply(.deviceEnrolled(DeviceID(seq: world.seq + 1), enrolment), to: &world)
        }
        return world
    }

    private static func change(
        in world: World, _ devices: [Device], _ generator: inout SeededGenerator
    ) throws -> Change {
        let device = try #require(devices.randomElement(using: &generator)).id
        let unit = try #require(units.randomElement(using: &generator).flatMap(OrgPath.init))
        switch Int.random(in: 0..<6, using: &generator) {
        case 0:
            let policy = try #require(world.policies.keys.sorted().randomElement(using: &generator))
            let selector = try selectors.randomElement(using: &generator).map { try Selector($0) }
            let isAlone = Bool.random(using: &generator)
            return .bound(
                AssignmentID(seq: world.seq + 1),
                Assignment(
                    policy: policy, target: isAlone ? .device(device) : .unit(unit), selector: isAlone ? nil : selector,
                    incidentUntil: Bool.random(using: &generator) ? 9_000_000 : nil))
        case 1, 2:
            if let id = world.assignments.keys.sorted().randomElement(using: &generator) { return .unbound(id) }
            return .deviceMoved(device, unit)
        case 3: return .deviceMoved(device, unit)
        case 4:
            let tags = ["patrol", "spare"].filter { _ in Bool.random(using: &generator) }
            return .deviceTagged(device, Set(tags.compactMap { SyncCore.Tag($0) }))
        default:
            let level = JSONValue.integer(Int64.random(in: 31...35, using: &generator))
            return .deviceFactsChanged(device, try Facts(.object(["apiLevel": level, "model": .string("A")])))
        }
    }

    private static func apply(_ change: Change, to world: inout World) {
        world.apply(change, Stamp(seq: world.seq + 1, author: "a", received: 1, base: 0, outcome: .applied))
        world.sortDevices()
    }

    /// The World that its lines make, and that its image does too.
    private static func readBack(_ world: World) throws -> World {
        let floor = try World(lines: world.lines, epoch: world.epoch, catalog: world.catalog)
        var image = try World(lines: world.linesWithoutFleet, epoch: world.epoch, catalog: world.catalog)
        try image.takeTokens(world.tokenImage)
        try image.takeDevices(world.deviceImage)
        try SameWorld.expect(image, floor, "image and floor")
        return floor
    }
}
