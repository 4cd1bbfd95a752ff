import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore
import SyncStoreSQLite
import Synchronization
import TestSupport
import Testing

/// Random change sets, step by step against a naive model.
@Suite struct ChangeWalkTests {
    @Test func `what devices hold, what a plan says and who is woken agree with a naive model`() async throws {
        let test = "what devices hold agrees with a naive model"
        let folder = try TemporaryFolder()
        let path = folder.path("walk.sqlite")
        try SQLiteStore.create(at: path, epoch: 1)
        for store in [MemoryStore(epoch: 1), try SQLiteStore(path: path)] as [any Store] {
            let clock = TestClock(Bench.now)
            var last: Walk?
            // The second half goes on from the store, whose beginning is forgotten by then.
            for half in 0..<2 {
                try await Bench.with(store, clock: clock) { bench in
                    var walk = try last ?? Walk(bench, SeededGenerator(for: test))
                    walk.goOn(on: bench)
                    for step in half * 75..<half * 75 + 75 { try await walk.step(step) }
                    try await walk.compact(leaving: 20)
                    try await walk.expectTheSameAfterARestart()
                    try await walk.expectThePastAsItWas()
                    last = walk
                }
            }
            let walk = try #require(last)
            #expect(walk.accepted > 60 && walk.refused > 5, "\(walk.accepted) accepted, \(walk.refused) refused")
            #expect(walk.compactions > 5, "\(walk.compactions) compactions")
        }
    }
}

/// One walk: the engine, the model, and what the engine published.
private struct Walk {
    private(set) var bench: Bench
    var generator: SeededGenerator
    var model: NaiveFleet
    var accepted = 0
    var refused = 0
    var compactions = 0
    /// What devices held at positions of the log.
    private var past: [Seq: [DeviceID: JSONValue]] = [:]
    private let published = Published()
    private let tags: [SyncCore.Tag]

    init(_ bench: Bench, _ generator: SeededGenerator) throws {
        self.bench = bench
        self.generator = generator
        model = NaiveFleet(catalog: try Catalog.embedded())
        model.units = [.root, try bench.path("/g"), try bench.path("/p")]
        tags = ["patrol", "spare", "car"].compactMap { SyncCore.Tag($0) }
    }

    /// The same walk on an engine that was opened on its store.
    mutating func goOn(on bench: Bench) {
        self.bench = bench
        let published = published
        bench.engine.subscribe { publication in published.list.withLock { $0.append(publication) } }
    }

    final class Published: Sendable {
        let list = Mutex<[Publication]>([])
    }

    mutating func step(_ number: Int) async throws {
        bench.clock.advance(milliseconds: 1_000)
        if chance(10) { try await compact(leaving: Int64.random(in: 0...40, using: &generator)) }
        // Some there are in every walk, whatever the dice say.
        if number % 12 == 11 { try await compact(leaving: 2) }
        if number < 15 || chance(15) { try await deliver(number) }
        if chance(20) { try await report(number) }
        let before = model.documents
        var next = model
        let edits = (0..<Int.random(in: 1...3, using: &generator)).compactMap { _ in edit(&next) }
        let seq = bench.engine.snapshot.world.seq
        published.list.withLock { $0 = [] }
        do throws(Refusal) {
            let plan = try await bench.plan(edits)
            try await bench.change(edits, intent: "\(number)", plan: .init(seq: plan.seq, hash: plan.hash))
            accepted += 1
            model = next
            let moved = model.documents.filter { before[$0.key] != $0.value }.keys
            let enrolled = moved.filter { model.terminals[$0]?.isEnrolled == true }
            #expect(plan.changed == enrolled.count, "step \(number): \(edits)")
            expectWoken(enrolled, number)
        } catch {
            refused += 1
            #expect(bench.engine.snapshot.world.seq == seq, "step \(number): refused as \(error), and written")
        }
        for (id, expected) in model.documents {
            let document = try bench.engine.explain(id, for: bench.admin).document
            #expect(document == expected, "step \(number), \(id): \(edits)")
        }
        past[bench.engine.snapshot.world.seq] = model.documents
    }

    /// Forgets what is older than some steps; what is now stays as it is.
    mutating func compact(leaving steps: Int64) async throws {
        let before = bench.engine.snapshot
        published.list.withLock { $0 = [] }
        guard try await bench.engine.compact(before: bench.clock.now - steps * 1_000) != nil else { return }
        compactions += 1
        #expect(bench.engine.snapshot === before && published.list.withLock { $0.isEmpty }, "it wakes nobody")
    }

    /// Any moment from the floor on can be looked at again, and is as it was.
    mutating func expectThePastAsItWas() async throws {
        let floor = bench.engine.floor?.seq ?? 0
        for seq in past.keys.sorted().shuffled(using: &generator).prefix(40) {
            guard seq >= floor else {
                await #expect(throws: Refusal.compacted(floor: floor)) {
                    try await bench.engine.world(at: .position(seq))
                }
                continue
            }
            let world = try await bench.engine.world(at: .position(seq))
            #expect(world.seq == seq)
            for (id, expected) in past[seq] ?? [:] {
                #expect(
                    try bench.engine.explain(id, for: bench.admin, in: world).document == expected, "\(id) at \(seq)")
            }
        }
    }

    /// Whose document changed must be within the reach of what was published.
    private func expectWoken(_ moved: [DeviceID], _ number: Int) {
        let publications = published.list.withLock { $0 }
        for id in moved {
            guard let unit = model.terminals[id]?.unit else { continue }
            #expect(publications.contains { $0.concerns(id, in: unit) }, "step \(number): \(id) would sleep through it")
        }
    }

    /// A terminal is delivered, and mostly enrols.
    private mutating func deliver(_ number: Int) async throws {
        let unit = model.units.filter { $0 != .root }.randomElement(using: &generator) ?? .root
        let receipt = try await bench.change([.provision([bench.row(number, unit.text)])])
        let id = DeviceID(seq: receipt.transaction.firstSeq)
        model.terminals[id] = NaiveFleet.Terminal(unit: unit, tags: [])
        guard chance(80) else { return }
        let facts = try facts()
        #expect(try await bench.enrol(number, credential: number, facts: facts).id == id)
        model.terminals[id]?.isEnrolled = true
        model.terminals[id]?.facts = facts
    }

    /// A device says something else of itself: its document may change, and then it is woken.
    private mutating func report(_ number: Int) async throws {
        let enrolled = model.terminals.filter(\.value.isEnrolled).keys.sorted()
        guard let id = enrolled.randomElement(using: &generator),
            let device = bench.engine.snapshot.world.devices[id]
        else { return }
        let before = model.document(of: id)
        let facts = try facts()
        published.list.withLock { $0 = [] }
        _ = try await bench.take(bench.report(UInt64(number + 1), of: device), facts: facts, of: device)
        model.terminals[id]?.facts = facts
        if model.document(of: id) != before { expectWoken([id], number) }
    }

    private mutating func facts() throws -> Facts {
        var members: [String: JSONValue] = [:]
        if chance(80) { members["apiLevel"] = .integer(Int64.random(in: 31...35, using: &generator)) }
        if chance(50) { members["formFactor"] = .string(chance(50) ? "tablet" : "phone") }
        return try Facts(.object(members))
    }

    /// One edit, done to the model as well; about one in thirty asks for what does not exist.
    private mutating func edit(_ model: inout NaiveFleet) -> Edit? {
        let device = model.terminals.keys.sorted().randomElement(using: &generator)
        switch Int.random(in: 0..<12, using: &generator) {
        case 0:
            let parent = model.units.randomElement(using: &generator) ?? .root
            let name = "\(parent == .root ? "" : parent.text)/u\(model.units.count)"
            guard parent.depth < 4, let unit = OrgPath(name) else { return nil }
            model.units.append(unit)
            return .createUnit(unit)
        case 1...4: return put(&model)
        case 5...7: return bind(device, &model)
        case 8:
            guard let index = model.bindings.indices.randomElement(using: &generator) else { return nil }
            let binding = model.bindings.remove(at: index)
            return assignment(binding).map { .unbind($0) } ?? .unbind(AssignmentID(seq: 999_999))
        case 9:
            guard let device, let tag = tags.randomElement(using: &generator) else { return nil }
            let isAdded = Bool.random(using: &generator)
            if isAdded { model.terminals[device]?.tags.insert(tag) } else { model.terminals[device]?.tags.remove(tag) }
            return .tag(device, add: isAdded ? [tag] : [], remove: isAdded ? [] : [tag])
        case 10:
            guard let device, let agency = model.terminals[device]?.unit.agency,
                let unit = model.units.filter({ agency.contains($0) }).randomElement(using: &generator)
            else { return nil }
            model.move(device, to: unit)
            return .move(device, to: unit)
        default:
            guard let device, chance(30) else { return nil }
            model.terminals[device]?.isEnrolled = false
            return .revoke(device)
        }
    }

    private mutating func put(_ model: inout NaiveFleet) -> Edit? {
        guard let reference = policy(model.units) else { return nil }
        var values: [String: JSONValue] = [:]
        // Some policies are such as may be bound by facts: they can only tighten.
        for key in reference.name == "strict" ? Self.tightening : Self.keys where chance(40) {
            guard let setting = model.catalog.settings[key] else { continue }
            values[key] = RandomValue.of(setting.type, using: &generator)
        }
        let enforced = values.keys.sorted().filter { _ in chance(20) }
        let json = JSONValue.object([
            "settings": .object(values), "enforced": .array(enforced.map(JSONValue.string)),
        ])
        if let body = try? PolicyReader.read(json, catalog: model.catalog).body { model.put(reference, body) }
        return .putPolicy(reference, json)
    }

    private mutating func bind(_ device: DeviceID?, _ model: inout NaiveFleet) -> Edit? {
        guard let reference = policy(model.units) else { return nil }
        if let device, chance(20) {
            model.bind(NaiveFleet.Binding(policy: reference, target: .device(device), selector: nil))
            return .bind(reference, .device(device), nil)
        }
        let below = model.units.filter { reference.owner.contains($0) }
        let target = Assignment.Target.unit(below.randomElement(using: &generator) ?? .root)
        let selector = chance(40) ? Self.selectors.randomElement(using: &generator) : nil
        let parsed = selector.flatMap { try? Selector($0) }
        model.bind(NaiveFleet.Binding(policy: reference, target: target, selector: parsed))
        return .bind(reference, target, parsed)
    }

    private mutating func policy(_ units: [OrgPath]) -> PolicyReference? {
        let owner = units.prefix(6).randomElement(using: &generator) ?? .root
        return PolicyReference(owner: owner, name: ["a", "b", "strict"].randomElement(using: &generator) ?? "a")
    }

    private func assignment(_ binding: NaiveFleet.Binding) -> AssignmentID? {
        let world = bench.engine.snapshot.world
        return world.assignments.first { _, assignment in
            world.policies[assignment.policy]?.reference == binding.policy && assignment.target == binding.target
                && assignment.selector == binding.selector
        }?.key
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

    /// A setting of each kind of strategy, and two that hang together.
    private static let keys = [
        "maximumTimeToLock", "cameraAccess", "funDisabled", "frpAdminEmails", "applications", "wipeDataFlags",
        "appAutoUpdatePolicy", "permittedInputMethods.packageNames", "policyEnforcementRules", "systemUpdate.type",
        "systemUpdate.startMinutes", "unifiedUpdatePolicy.rules", "openNetworkConfiguration",
    ]

    private static let tightening = ["maximumTimeToLock", "cameraAccess", "funDisabled", "wipeDataFlags"]

    private static let selectors = [
        "patrol", "!spare", "patrol,!car", "fact.apiLevel<33", "patrol,fact.apiLevel>=33", "fact.formFactor=tablet",
    ]

    func expectTheSameAfterARestart() async throws {
        let again = try await Engine.open(
            bench.store, catalog: model.catalog, logger: Bench.logger, now: { Bench.now })
        #expect(again.snapshot.world.seq == bench.engine.snapshot.world.seq)
        for (id, expected) in model.documents {
            #expect(try again.explain(id, for: bench.admin).document == expected, "\(id) after a restart")
        }
    }
}
