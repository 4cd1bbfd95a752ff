import SyncCore
import SyncStore
import Testing

@testable import SyncEngine

/// What is kept in memory of devices, without a store or with one.
@Suite struct DevicePlaneTests {
    private func device(_ seq: Seq) -> DeviceID { DeviceID(seq: seq) }

    private func report(_ enrolment: Seq, _ number: UInt64) -> StoredReport {
        StoredReport(
            device: device(1), enrolment: enrolment, number: number, held: nil, failed: nil, received: 5,
            body: Array("{}".utf8))
    }

    @Test func `whoever was seen since the last time is written down, in order`() async throws {
        let store = MemoryStore(epoch: 1)
        let plane = DevicePlane(try Catalog.embedded())
        func seen(_ seq: Seq, at now: Int64) { plane.saw(device(seq), enrolment: 1, have: nil, at: now) }
        func unflushed() -> [[Int64]] { plane.takeUnflushed(at: 3_601_000).map { [Int64($0.device.seq), $0.at] } }
        #expect(unflushed() == [])
        seen(2, at: 1_000)
        seen(1, at: 1_010)
        #expect(unflushed() == [[1, 1_010], [2, 1_000]])
        #expect(unflushed() == [])
        // In the same millisecond, after it was taken; and by a clock that was an hour ahead until then.
        seen(3, at: 1_010)
        seen(2, at: 3_601_000)
        #expect(unflushed() == [[2, 3_601_000], [3, 1_010]])
        seen(1, at: 2_000)
        seen(2, at: 2_000)
        #expect(unflushed() == [[1, 2_000], [2, 2_000]])
        var commit = Commit(after: Head(epoch: 1, seq: 0))
        commit.seen = [Seen(device(3), enrolment: 1, at: 1_010), Seen(device(2), enrolment: 1, at: 2_000)]
        #expect(try await store.commit(commit) == .written)
        let again = DevicePlane(try Catalog.embedded())
        try await again.load(from: store, now: 2_000, logger: Bench.logger)
        #expect(again.standing(of: device(2))?.lastSeen == 2_000 && again.takeUnflushed(at: 2_001).isEmpty)
        again.saw(device(3), enrolment: 1, have: nil, at: 2_001)
        #expect(again.takeUnflushed(at: 2_001).map(\.device) == [device(3)])
    }

    /// By a clock that was 300 days ahead a device would not fall silent for as long.
    @Test func `nothing was seen later than now`() async throws {
        let (far, now): (Int64, Int64) = (26_000_000_000, 10_000)
        let store = MemoryStore(epoch: 1)
        var commit = Commit(after: Head(epoch: 1, seq: 0))
        commit.seen = [Seen(device(2), enrolment: 1, at: far)]
        #expect(try await store.commit(commit) == .written)
        let plane = DevicePlane(try Catalog.embedded())
        try await plane.load(from: store, now: now, logger: Bench.logger)
        #expect(plane.standing(of: device(2))?.lastSeen == now)
        #expect(plane.takeUnflushed(at: now).map(\.at) == [now], "the store learns it")
        plane.saw(device(3), enrolment: 1, have: nil, at: far)
        #expect(plane.takeUnflushed(at: now + 1).map(\.at) == [now + 1])
        #expect(plane.standing(of: device(3))?.lastSeen == now + 1)
    }

    /// A request that was under way while its device enrolled anew says nothing of the new enrolment.
    @Test func `an earlier enrolment takes nothing from a later one`() throws {
        let plane = DevicePlane(try Catalog.embedded())
        plane.take(report(1, 7))
        plane.saw(device(1), enrolment: 9, have: nil, at: 20)
        #expect(plane.place(of: device(1)) == ReportPlace(enrolment: 9, number: 0))
        plane.take(report(9, 1))
        plane.saw(device(1), enrolment: 1, have: nil, at: 30)
        plane.take(report(1, 8))
        #expect(plane.place(of: device(1)) == ReportPlace(enrolment: 9, number: 1))
        #expect(plane.standing(of: device(1))?.lastSeen == 20)
    }
}
