import SyncCore
import SyncStore
import TestSupport
import Testing

@testable import SyncEngine

/// Who may do what, whatever the words he says it in; and what opened something once never does again.
@Suite struct AuthorityTests {
    private func path(_ text: String) throws -> OrgPath { try #require(OrgPath(text)) }
    private func policy(_ text: String) throws -> PolicyReference { try #require(PolicyReference(text)) }

    private func appoint(_ name: String, _ role: Role, _ unit: String, _ bench: Bench) async throws -> Operator {
        let appointed = Operator(name: try #require(OperatorName(name)), role: role, unit: try path(unit))
        try await bench.change([.appoint(appointed, tokenHash: Digest(hashing: Array(name.utf8)))])
        return appointed
    }

    private func refusal(_ bench: Bench, _ edits: [Edit], by author: Operator? = nil) async -> Refusal? {
        do throws(Refusal) {
            _ = try await bench.change(edits, by: author ?? bench.admin)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a device leaves an incident by the hand of who may end it, and of nobody else`() async throws {
        try await Bench.with { bench in
            let (unit, beside) = (try path("/a"), try path("/a/x"))
            try await bench.change([.createUnit(unit), .createUnit(beside), .createUnit(try path("/a/y"))])
            let editor = try await appoint("ed", .editor, "/a", bench)
            let (lost, own) = (try policy("/a:lost"), try policy("/a/x:own"))
            let body = JSONValue.object(["cameraDisabled": .bool(true)])
            let token = bench.hash(7)
            let grant = EnrolmentToken(
                hash: token, unit: beside, tags: [try #require(Tag("hunted"))], uses: 5,
                expires: bench.clock.now + 60_000)
            try await bench.change([
                .putPolicy(lost, body, base: nil), .putPolicy(own, body, base: nil), .issueToken(grant),
            ])
            let device = try await bench.enrol(7, credential: 8).id
            let selector = try Selector("hunted")
            let end = bench.clock.now + 60_000
            try await bench.change([
                .bind(lost, .unit(beside), selector, incidentUntil: end),
                .bind(own, .device(device), nil, incidentUntil: end),
            ])
            let hunted = try #require(Tag("hunted"))
            for edits in [
                [Edit.move(device, to: try path("/a/y"))], [.tag(device, add: [], remove: [hunted])],
                [.move(device, to: try path("/a/y")), .move(device, to: beside)],
            ] {
                guard case .denied(.needs(.admin))? = await refusal(bench, edits, by: editor) else {
                    Issue.record("\(edits) was not refused")
                    continue
                }
            }
            // What leaves it where it is, is an editor's.
            try await bench.change([.tag(device, add: [try #require(Tag("spare"))], remove: [])], by: editor)
            try await bench.change([.tag(device, add: [], remove: [hunted]), .move(device, to: try path("/a/y"))])
        }
    }

    @Test func `somebody remains to administer all, whose token does not expire`() async throws {
        try await Bench.with { bench in
            let soon = bench.clock.now + 1_000
            func root(_ name: String, _ expires: Int64?) throws -> Operator {
                Operator(name: try #require(OperatorName(name)), role: .admin, unit: .root, expires: expires)
            }
            func appointing(_ appointed: Operator) -> [Edit] {
                [.appoint(appointed, tokenHash: Digest(hashing: Array("\(appointed)".utf8)))]
            }
            let first = bench.admin.name
            try await bench.change(appointing(try root("short", soon)))
            #expect(await refusal(bench, [.dismiss(first)]) == .lastAdmin)
            #expect(await refusal(bench, appointing(try root(first.text, soon))) == .lastAdmin)
            try await bench.change(appointing(try root("second", nil)))
            try await bench.change(appointing(try root(first.text, soon)))
            #expect(await refusal(bench, [.dismiss(try root("second", nil).name)]) == .lastAdmin)
            try await bench.change([.dismiss(try root("short", nil).name)])
        }
    }

    @Test func `to write a bound incident, or to end it, needs what binding it needed`() async throws {
        try await Bench.with { bench in
            try await bench.change([.createUnit(try path("/a"))])
            let editor = try await appoint("ed", .editor, "/a", bench)
            let lost = try policy("/a:lost")
            let body = JSONValue.object(["cameraDisabled": .bool(true)])
            try await bench.change([.putPolicy(lost, body, base: nil)], by: editor)
            try await bench.change([.bind(lost, .unit(try path("/a")), nil, incidentUntil: bench.clock.now + 60_000)])
            let id = try #require(bench.engine.snapshot.world.incidents.first)
            let other = JSONValue.object(["cameraDisabled": .bool(false)])
            for edit in [
                Edit.putPolicy(lost, other, base: bench.engine.snapshot.world.seq), .applyPolicy(lost, other),
                .unbind(id),
            ] {
                guard case .denied(.needs(.admin))? = await refusal(bench, [edit], by: editor) else {
                    Issue.record("\(edit) was not refused")
                    continue
                }
            }
            try await bench.change([.unbind(id)])
            try await bench.change([.putPolicy(lost, other, base: bench.engine.snapshot.world.seq)], by: editor)
        }
    }

    @Test func `what a change set does decides whether it breaks a constraint, whatever its verbs`() async throws {
        var generator = SeededGenerator(for: "constraints by what is done")
        var refused = 0
        for _ in 0..<12 {
            try await Bench.with { bench in
                try await bench.change([.createUnit(try path("/a")), .createUnit(try path("/a/x"))])
                try await bench.deliver(2, to: "/a/x")
                let names = try ["/:root", "/a:agency", "/a/x:unit"].map(policy)
                let units = try ["/", "/a", "/a/x"].map(path)
                for _ in 0..<30 {
                    let world = bench.engine.snapshot.world
                    let index = Int.random(in: 0..<3, using: &generator)
                    let bound = world.assignments.keys.sorted().randomElement(using: &generator)
                    let rules = [Self.rule(5, nil), Self.rule(nil, 8), Self.rule(10, nil), .object([:])]
                    let rule = try #require(rules.randomElement(using: &generator))
                    let isThere = world.policy(names[index]) != nil
                    var edits: [Edit] = [.putPolicy(names[index], rule, base: world.seq)]
                    switch Int.random(in: 0..<8, using: &generator) {
                    case 0...3 where isThere: edits = [.bind(names[index], .unit(units[index]), nil)]
                    case 4: edits = bound.map { [.unbind($0)] } ?? []
                    default: break
                    }
                    guard !edits.isEmpty else { continue }
                    let set = bench.changeSet(edits)
                    let planned = await planning(bench, set)
                    let done = await refusal(bench, edits)
                    #expect((planned == nil) == (done == nil), "\(edits): \(String(describing: planned))")
                    if case .constraintBroken? = done { refused += 1 }
                }
            }
        }
        #expect(refused > 1, "\(refused) refusals")
    }

    @Test func `to unbind what held a constraint up is refused as its plan is`() async throws {
        try await Bench.with { bench in
            try await bench.change([.createUnit(try path("/a")), .createUnit(try path("/a/x"))])
            try await bench.deliver(2, to: "/a/x")
            for (name, unit, rule) in [
                ("/:root", "/", Self.rule(5, nil)), ("/a:agency", "/a", Self.rule(nil, 8)),
                ("/a/x:unit", "/a/x", Self.rule(10, nil)),
            ] {
                try await bench.change([
                    .putPolicy(try policy(name), rule), .bind(try policy(name), .unit(try path(unit)), nil),
                ])
            }
            let root = try #require(bench.engine.snapshot.world.policy(try policy("/:root")))
            let binding = try #require(bench.engine.snapshot.world.assignments.first { $0.value.policy == root.id }).key
            for edits in [[Edit.unbind(binding)], [.putPolicy(root.reference, .object([:]))]] {
                guard case .constraintBroken? = await refusal(bench, edits) else {
                    Issue.record("\(edits) was done")
                    continue
                }
            }
        }
    }

    private static func rule(_ block: Int64?, _ wipe: Int64?) -> JSONValue {
        var record: [String: JSONValue] = ["settingName": .string("passwordPolicies")]
        record["blockAction"] = block.map { .object(["blockAfterDays": .integer($0)]) }
        record["wipeAction"] = wipe.map { .object(["wipeAfterDays": .integer($0)]) }
        return .object(["policyEnforcementRules": .array([.object(record)])])
    }

    private func planning(_ bench: Bench, _ set: ChangeSet) async -> Refusal? {
        do throws(Refusal) {
            _ = try await bench.engine.plan(set, by: bench.admin)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a move ends what the former unit bound to the device alone`() async throws {
        try await Bench.with { bench in
            try await bench.change(try ["/a", "/a/x", "/a/y"].map { .createUnit(try path($0)) })
            try await bench.deliver(1, to: "/a/x")
            let device = try #require(bench.engine.snapshot.world.devices.values.first).id
            let (own, shared) = (try policy("/a/x:own"), try policy("/a:shared"))
            try await bench.change([
                .putPolicy(own, .object(["cameraDisabled": .bool(true)])),
                .putPolicy(shared, .object(["funDisabled": .bool(true)])),
                .bind(own, .device(device), nil), .bind(shared, .device(device), nil),
            ])
            let set = bench.changeSet([.move(device, to: try path("/a/y"))])
            let plan = try await bench.engine.plan(set, by: bench.admin)
            #expect(plan.notes.contains { $0.contains("/a/x:own") }, "\(plan.notes)")
            try await bench.change([.move(device, to: try path("/a/y"))])
            let document = try bench.engine.explain(device, for: bench.admin).document
            #expect(document == .object(["funDisabled": .bool(true)]))
        }
    }

    @Test
    func `secrets that opened something never do again, also after a start from the log, the image and the floor`()
        async throws
    {
        let store = MemoryStore(epoch: 1)
        let name = try #require(OperatorName("jean"))
        let hash = Digest(hashing: [1, 2, 3])
        let office = Operator(name: name, role: .editor, unit: .root)
        var spent: [Digest] = []
        try await Bench.with(store) { bench in
            try await bench.change([.appoint(office, tokenHash: hash)])
            // A new token for the same office; then he goes, and somebody else gets his name.
            let second = Digest(hashing: [4])
            try await bench.change([.appoint(office, tokenHash: second)], by: office)
            #expect(bench.engine.snapshot.world.operator(tokenHash: hash) == nil)
            try await bench.change([.dismiss(name)])
            try await bench.change([.appoint(office, tokenHash: Digest(hashing: [5]))])
            try await bench.deliver(2, to: "/")
            let device = try #require(bench.engine.snapshot.world.devices.values.min { $0.id < $1.id })
            spent = [hash, second, try #require(device.credentialHash)]
            try await bench.change([.revoke(device.id)])
            try await expectSpent(spent, bench)
            _ = try await bench.engine.keepImage(after: 1)
        }
        try await Bench.with(store) { bench in
            try await expectSpent(spent, bench)
            bench.clock.advance(milliseconds: 86_400_000)
            #expect(try await bench.engine.compact(before: bench.clock.now) != nil)
        }
        try await store.keep(image: [])
        try await Bench.with(store) { bench in try await expectSpent(spent, bench) }
    }

    @Test func `a terminal gets another token of its own, and what it had opens nothing more`() async throws {
        let store = MemoryStore(epoch: 1)
        var id = DeviceID(seq: 0)
        let later = Bench.now * 2
        try await Bench.with(store) { bench in
            try await bench.change([
                .createUnit(try path("/a")), .createUnit(try path("/a/b")), .provision([bench.row(1, "/a")]),
            ])
            id = try #require(bench.engine.snapshot.world.devices.keys.first)
            let stranger = try await appoint("eve", .admin, "/a/b", bench)
            #expect(await refusal(bench, [.reissueToken(id, hash: bench.hash(2), expires: later)], by: stranger) != nil)
            try await bench.change([.reissueToken(id, hash: bench.hash(2), expires: later)])
            await #expect(throws: Refusal.tokenRevoked) { try await bench.enrol(1, credential: 1) }
            _ = try await bench.engine.keepImage(after: 1)
        }
        try await Bench.with(store) { bench in
            #expect(try await bench.enrol(2, credential: 1).id == id)
            let enrolled = await refusal(bench, [.reissueToken(id, hash: bench.hash(3), expires: later)])
            #expect(enrolled == .notEnrolled(id, .enrolled), "revoke it first")
            try await bench.change([.revoke(id), .reissueToken(id, hash: bench.hash(3), expires: later)])
            bench.clock.advance(milliseconds: 86_400_000)
            #expect(try await bench.engine.compact(before: bench.clock.now) != nil)
        }
        try await store.keep(image: [])
        try await Bench.with(store) { bench in
            let own = try #require(bench.engine.snapshot.world.ownToken(of: id))
            #expect(own.grant.hash == bench.hash(3) && own.device == id && own.state(at: Bench.now) == .open)
            await #expect(throws: Refusal.credentialTaken) { try await bench.enrol(3, credential: 1) }
            #expect(try await bench.enrol(3, credential: 2).id == id)
            let used = await refusal(bench, [.reissueToken(id, hash: bench.hash(2), expires: later)])
            #expect(used != nil, "it is enrolled, and the hash was in use")
        }
    }

    private func expectSpent(_ hashes: [Digest], _ bench: Bench) async throws {
        for (index, hash) in hashes.enumerated() {
            #expect(bench.engine.snapshot.world.isTaken(hash), "\(index)")
            let other = Operator(name: try #require(OperatorName("eve\(index)")), role: .viewer, unit: .root)
            guard case .tokenExists? = await refusal(bench, [.appoint(other, tokenHash: hash)]) else {
                Issue.record("\(index) opened something again")
                continue
            }
        }
    }

    @Test func `an office ends when it was said, also after a start, and nobody makes his own longer`() async throws {
        let store = MemoryStore(epoch: 1)
        let name = try #require(OperatorName("jean"))
        func office(_ expires: Int64?) -> Operator {
            Operator(name: name, role: .editor, unit: .root, expires: expires)
        }
        let end = Bench.now + 1_000_000
        try await Bench.with(store) { bench in
            try await bench.change([.appoint(office(end), tokenHash: Digest(hashing: [1, 1]))])
            for longer in [nil, end + 1] {
                let edits = [Edit.appoint(office(longer), tokenHash: Digest(hashing: [1, 2]))]
                guard case .denied? = await refusal(bench, edits, by: office(end)) else {
                    Issue.record("he made it longer")
                    continue
                }
            }
            try await bench.change([.appoint(office(end - 1), tokenHash: Digest(hashing: [1, 3]))], by: office(end))
        }
        try await Bench.with(store) { bench in
            #expect(bench.engine.snapshot.world.operators[name]?.expires == end - 1)
            bench.clock.advance(milliseconds: 86_400_000)
            let compaction = try await bench.engine.compact(before: bench.clock.now)
            #expect(compaction != nil)
        }
        try await Bench.with(store) { bench in
            #expect(bench.engine.snapshot.world.operators[name]?.expires == end - 1)
        }
    }

    @Test func `serial numbers are one agency's own`() async throws {
        try await Bench.with { bench in
            try await bench.change([.createUnit(try path("/a")), .createUnit(try path("/b"))])
            try await bench.change([.provision([bench.row(1, "/a")])])
            #expect(await refusal(bench, [.provision([bench.row(1, "/a")])]) != nil)
            var row = bench.row(1, "/b")
            row = Provision(
                serial: row.serial, model: row.model, unit: row.unit, tags: row.tags,
                tokenHash: Digest(hashing: [9, 9]), expires: row.expires)
            #expect(await refusal(bench, [.provision([row])]) == nil, "another agency's terminal may have it too")
        }
    }
}

extension Bench {
    @discardableResult
    fileprivate func change(_ edits: [Edit], by author: Operator) async throws(Refusal) -> Receipt {
        try await engine.apply(changeSet(edits), by: author)
    }

    /// Terminals that are delivered and enrol.
    fileprivate func deliver(_ count: Int, to unit: String) async throws {
        try await change([.provision((1...count).map { row(900 + $0, unit) })])
        for number in 1...count { _ = try await enrol(900 + number, credential: 900 + number) }
    }
}
