import SyncCore
import Testing

@testable import FleetSimulator

@Suite struct FleetTests {
    @Test func `the same number and seed make the same fleet`() throws {
        let (first, second) = (try Fleet(size: 500, seed: 7), try Fleet(size: 500, seed: 7))
        #expect(first.members.map(\.secrets.token) == second.members.map(\.secrets.token))
        #expect(first.members.map(\.tags) == second.members.map(\.tags))
        let other = try Fleet(size: 500, seed: 8)
        #expect(first.members.map(\.secrets.token) != other.members.map(\.secrets.token))
    }

    @Test(arguments: [1, 100, 12_345])
    func `a fleet has the size asked for, and every member's units exist`(size: Int) throws {
        let fleet = try Fleet(size: size, seed: 1)
        #expect(fleet.members.count == size)
        let units = Set(fleet.units)
        #expect(fleet.members.allSatisfy { units.contains($0.unit) })
        #expect(Set(fleet.members.map(\.serial)).count == size)
    }

    @Test func `agencies keep their proportions`() throws {
        let fleet = try Fleet(size: 12_600, seed: 1)
        let gendarmerie = fleet.members.count { $0.unit.agency?.text == "/gendarmerie" }
        #expect(abs(gendarmerie - 6_700) < 60)
    }
}
