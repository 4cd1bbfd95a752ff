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
            try SameWorld.expect(again, random.world, "walk \(walk), read back")
            for _ in 0..<200 {
                guard let (change, stamp) = random.grow() else { continue }
                again.apply(change, stamp)
                again.sortDevices()
            }
            try SameWorld.expect(again, random.world, "walk \(walk), 200 changes later")
        }
    }

    @Test func `everything that a World holds is written down or follows from what is`() throws {
        let names = Mirror(reflecting: World(epoch: 1, catalog: try Catalog.embedded())).children.compactMap(\.label)
        let written: Set = [
            "seq", "policySeq", "activatedCatalog", "units", "operators", "operatorTokens", "operatorNames",
            "spentTokens", "policies", "assignments", "tokens", "devices",
        ]
        // `devicesSeq` only has to change with any device.
        let derived: Set = [
            "epoch", "catalog", "devicesSeq", "policyIDs", "tokenHashes", "credentials", "serials", "deviceAssignments",
            "cohorts", "factReaders", "sortedFacts", "assignmentsOfPolicy", "incidents", "deviceIndex",
            "spentCredentials", "reissuedTokens",
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
