import SyncCore
import TestSupport
import Testing

@testable import SyncEngine
@testable import SyncServer

/// The index of parked polls, against a look at each of them.
@Suite struct ParkedPollsTests {
    private final class Poll {
        let device: DeviceID
        let unit: OrgPath
        let ticket: ParkedDevices.Ticket

        init(_ device: DeviceID, _ unit: OrgPath, _ ticket: ParkedDevices.Ticket) {
            self.device = device
            self.unit = unit
            self.ticket = ticket
        }
    }

    private func tree(_ count: Int, using generator: inout SeededGenerator) throws -> UnitTree {
        var tree = UnitTree()
        for number in 0..<count {
            let parent = try #require(tree.nodes.randomElement(using: &generator)).path
            if let path = OrgPath((parent == .root ? "" : parent.text) + "/u\(number)") { tree.add(path) }
        }
        return tree
    }

    @Test func `who is concerned is found, and nobody else is looked at`() throws {
        var generator = SeededGenerator(for: "who is concerned is found")
        let tree = try tree(60, using: &generator)
        let paths = tree.nodes.map(\.path)
        var polls = ParkedPolls<Poll>()
        var model: [DeviceID: Poll] = [:]
        for ticket in 1...4_000 as ClosedRange<ParkedDevices.Ticket> {
            let device = DeviceID(seq: Seq.random(in: 1...300, using: &generator))
            let unit = try #require(paths.randomElement(using: &generator))
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                // Sometimes one that was replaced long ago.
                let leaving = model[device]?.ticket ?? ticket
                let left = Bool.random(using: &generator) ? leaving : leaving - 1
                polls.remove(device, left)
                if left == leaving { model[device] = nil }
            default:
                let poll = Poll(device, unit, ticket)
                let replaced = polls.insert(poll, of: device, in: try #require(tree.id(of: unit)), ticket)
                #expect(replaced === model.updateValue(poll, forKey: device))
            }
            #expect(polls.count == model.count)
            guard ticket % 40 == 0 else { continue }
            let units = Set(paths.shuffled(using: &generator).prefix(Int.random(in: 0...3, using: &generator)))
            let reach = Publication.Reach(units: units, devices: [device], tree: tree)
            var seen: [DeviceID: Int] = [:]
            polls.forEach(in: reach) { seen[$0.device, default: 0] += 1 }
            let expected = model.values.filter { poll in
                poll.device == device || units.contains { $0.contains(poll.unit) }
            }
            #expect(Set(seen.keys) == Set(expected.map(\.device)))
            #expect(seen.values.reduce(0, +) <= expected.count + 1)
        }
    }
}
