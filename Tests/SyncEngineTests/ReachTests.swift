import SyncCore
import SyncStore
import TestSupport
import Testing

@testable import SyncEngine

/// Whom a publication concerns, against a look at every unit.
@Suite struct ReachTests {
    @Test func `a reach concerns the units that it names and all below them`() throws {
        var generator = SeededGenerator(for: "a reach concerns the units that it names")
        var tree = UnitTree()
        for number in 0..<200 {
            let parent = try #require(tree.nodes.randomElement(using: &generator)).path
            let name = (parent == .root ? "" : parent.text) + "/u\(number)"
            if let path = OrgPath(name) { tree.add(path) }
        }
        let paths = tree.nodes.map(\.path)
        for _ in 0..<50 {
            let units = Set(paths.shuffled(using: &generator).prefix(Int.random(in: 0...4, using: &generator)))
            let reach = Publication.Reach(units: units, devices: [], tree: tree)
            #expect(reach.isWholeFleet == units.contains(.root))
            for path in paths {
                let id = try #require(tree.id(of: path))
                #expect(reach.reached.count { $0 == id } == (units.contains { $0.contains(path) } ? 1 : 0))
            }
            for path in units {
                let id = try #require(tree.id(of: path))
                #expect(Set(tree.subtree(of: id).map { tree[$0].path }) == Set(paths.filter { path.contains($0) }))
            }
        }
    }

    @Test func `the ids of devices are listed in order from any place on, whatever order they came in`() {
        var generator = SeededGenerator(for: "the ids of devices are listed in order")
        let ids = (0..<5_000).map { DeviceID(seq: Seq($0 * 3)) }
        for order in [ids, ids.shuffled(using: &generator)] {
            var index = DeviceIndex()
            for id in order { index.insert(id) }
            for id in order.prefix(10) { index.insert(id) }
            #expect(Array(index.ids(after: nil)) == ids)
            for after in [0, 1, 2, 3, 3_069, 3_070, 14_996, 14_997, 20_000] as [Seq] {
                let found = Array(index.ids(after: DeviceID(seq: after)))
                #expect(found == ids.filter { $0.seq > after }, "\(after)")
            }
        }
    }
}

extension Publication {
    /// Whether a device may have something new.
    func concerns(_ device: DeviceID, in unit: OrgPath) -> Bool {
        reach.devices.contains(device) || snapshot.world.unitID(of: unit).map(reach.reached.contains) ?? false
    }
}
