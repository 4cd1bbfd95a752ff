import Testing

@testable import FleetSimulator

@Suite struct ShareTests {
    @Test(arguments: [(1, 1), (10, 3), (1_000, 7), (64, 64)])
    func `shares of a fleet are all of it, each member once, in the same tree`(size: Int, count: Int) throws {
        let fleet = try Fleet(size: size, seed: 3)
        let parts = (1...count).map { fleet.part(Share(number: $0, count: count)) }
        #expect(Set(parts.flatMap { $0.members.map(\.serial) }) == Set(fleet.members.map(\.serial)))
        #expect(parts.reduce(0) { $0 + $1.members.count } == size)
        #expect(parts.allSatisfy { $0.units == fleet.units && $0.aim == fleet.aim })
    }

    @Test func `a share is read as it is written`() {
        #expect(Share("2/7") == Share(number: 2, count: 7))
        #expect(Share("\(Share(number: 7, count: 7))") == Share(number: 7, count: 7))
    }

    @Test(arguments: ["", "1", "0/1", "2/1", "1/0", "-1/2", "1/2/3", "1/", "/2", "a/b", "99999999999999999999/1"])
    func `what is no share is refused`(text: String) {
        #expect(Share(text) == nil)
    }
}
