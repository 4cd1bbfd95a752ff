import SyncCore
import SyncProtocol
import TestSupport
import Testing

@testable import SyncEngine

/// A World written down and read back is the same World.
@Suite struct LinesTests {
    @Test func `a World read back gives the same lines, documents and outcome of any change`() throws {
        var seeds = SeededGenerator(for: "a World read back is the same")
        for walk in 0..<30 {
            var random = try RandomWorld(SeededGenerator(seed: seeds.next()))
            for _ in 0..<Int.random(in: 0...300, using: &seeds) { _ = random.grow() }
            var again = try World(lines: random.world.lines, epoch: 3, catalog: random.world.catalog)
            try expectTheSame(again, random.world, "walk \(walk), read back")
            for _ in 0..<200 {
                guard let (change, stamp) = random.grow() else { continue }
                again.apply(change, stamp)
            }
            try expectTheSame(again, random.world, "walk \(walk), 200 changes later")
        }
    }

    private func expectTheSame(_ found: World, _ expected: World, _ place: Comment) throws {
        #expect(found.lines.elementsEqual(expected.lines), place)
        #expect(found.unitPaths == expected.unitPaths && found.readFacts == expected.readFacts, place)
        #expect(found.credentials == expected.credentials && found.serials == expected.serials, place)
        #expect(found.assignments == expected.assignments && found.operatorNames == expected.operatorNames, place)
        #expect(found.units.nodes.map(\.assignments) == expected.units.nodes.map(\.assignments), place)
        expectTheSameFields(found, expected, place)
        let sizes = [found, expected].map { world in
            Dictionary(uniqueKeysWithValues: world.populatedCohorts.map { ($0.cohort, $0.devices) })
        }
        #expect(sizes[0] == sizes[1], place)
        for (id, device) in expected.devices {
            let other = try #require(found.devices[id])
            let classes = [found.policyClass(of: other), expected.policyClass(of: device)]
            #expect(classes[0] == classes[1], "\(place): \(id)")
            #expect(found.version(of: classes[0]) == expected.version(of: classes[1]), "\(place): \(id)")
            #expect(found.resolve(classes[0]).document == expected.resolve(classes[1]).document, "\(place): \(id)")
            #expect(found.cohort(other.cohort) == expected.cohort(device.cohort), "\(place): \(id)")
            #expect(found.deviceAssignments[id] ?? [] == expected.deviceAssignments[id] ?? [], "\(place): \(id)")
        }
    }

    /// Field by field, so that one that is added later and not written down is found.
    private func expectTheSameFields(_ found: World, _ expected: World, _ place: Comment) {
        for (id, device) in expected.devices { #expect(fields(found.devices[id]) == fields(device), "\(place): \(id)") }
        for (hash, token) in expected.tokens { #expect(fields(found.tokens[hash]) == fields(token), place) }
        for (id, policy) in expected.policies {
            #expect(fields(found.policies[id]) == fields(policy), "\(place): \(id)")
            for (key, setting) in policy.settings {
                #expect(fields(found.policies[id]?.settings[key]) == fields(setting), "\(place): \(id) \(key)")
            }
            #expect(found.policies[id]?.settings.count == policy.settings.count, place)
        }
        let counts = [found, expected].map {
            [$0.devices.count, $0.tokens.count, $0.policies.count, Int($0.policySeq)]
        }
        #expect(counts[0] == counts[1] && found.operators == expected.operators, place)
        #expect(found.operatorTokens == expected.operatorTokens && found.policyIDs == expected.policyIDs, place)
        #expect(found.activatedCatalog == expected.activatedCatalog && found.seq == expected.seq, place)
    }

    private func fields<T>(_ value: T?) -> [String: AnyHashable] {
        guard let value else { return [:] }
        var fields: [String: AnyHashable] = [:]
        for child in Mirror(reflecting: value).children {
            // Cohorts are numbered as they come, and settings are compared one by one.
            guard let name = child.label, name != "cohort", name != "settings" else { continue }
            guard let field = child.value as? AnyHashable else {
                Issue.record("\(T.self).\(name) cannot be compared")
                continue
            }
            fields[name] = field
        }
        return fields
    }

    @Test func `everything that a World holds is written down or follows from what is`() throws {
        let names = Mirror(reflecting: World(epoch: 1, catalog: try Catalog.embedded())).children.compactMap(\.label)
        let written: Set = [
            "seq", "policySeq", "activatedCatalog", "units", "operators", "operatorTokens", "operatorNames", "policies",
            "assignments", "tokens", "devices",
        ]
        let derived: Set = [
            "epoch", "catalog", "policyIDs", "tokenHashes", "credentials", "serials", "deviceAssignments", "cohorts",
            "cohortIDs", "readFacts", "populations",
        ]
        #expect(Set(names) == written.union(derived), "a new one belongs into the lines, or into what follows")
    }

    @Test func `a line that is not understood is refused, with its number`() throws {
        var random = try RandomWorld(SeededGenerator(for: "a line that is not understood"))
        for _ in 0..<100 { _ = random.grow() }
        let (world, lines) = (random.world, Array(random.world.lines))
        func number(_ lines: [[UInt8]]) -> Int? {
            do throws(UnreadableLine) {
                _ = try World(lines: lines, epoch: 3, catalog: world.catalog)
                return nil
            } catch {
                return error.number
            }
        }
        #expect(number(lines) == nil)
        #expect(number([]) == 1)
        #expect(number([Array(#"{"format":2,"policySeq":1,"seq":1}"#.utf8)]) == 1)
        for line in [
            #"{"kind":"robot","id":"r1"}"#, #"{"kind":"device","id":"d1"}"#, "{", #"{"kind":"unit","id":"x"}"#,
        ] {
            #expect(number(lines + [Array(line.utf8)]) == lines.count + 1, "\(line)")
        }
    }
}
