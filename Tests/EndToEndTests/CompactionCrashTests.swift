import Foundation
import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore
import SyncStoreSQLite
import TestSupport
import Testing

/// The real server killed in the middle of a compaction: all of it is there afterwards, or nothing.
@Suite(.serialized) struct CompactionCrashTests {
    private static let rows = 10_000

    @Test func `a compaction that is killed has not happened, and happens next time`() async throws {
        var generator = SeededGenerator(
            for: "a compaction that is killed has not happened, and happens next time")
        let server = try await RunningServer.founded(serving: false)
        let unit = try #require(OrgPath("/g"))
        let aged = try await AgedStore(server)
        _ = try await aged.change([.createUnit(unit), .provision((0..<Self.rows).map { row($0, unit) })], daysAgo: 40)
        try aged.close()
        let original = server.folder.path("original.sqlite")
        _ = try SQLiteStore.backUp(server.store, to: original)
        // The state is 5 MB; what the cache does not hold of it goes to the database before the commit.
        for write in [1, 2] + (0..<3).map({ _ in Int.random(in: 3...300, using: &generator) }) {
            for suffix in ["", "-wal", "-shm", ".head"] {
                try? FileManager.default.removeItem(atPath: server.store + suffix)
            }
            try FileManager.default.copyItem(atPath: original, toPath: server.store)
            do {
                try server.start(
                    ["--retention-days", "1", "--believe-clock"],
                    suffering: .death(at: write, of: "pwrite64", on: server.store + "-wal"))
            } catch RunningServer.Failure.didNotStart {
                // It was at it before its ports were open.
            }
            #expect(server.died(), "write \(write)")
            #expect(try await expectAllOrNothing(server) > Self.rows, "nothing was committed yet at write \(write)")
        }
        try server.start(["--retention-days", "1", "--believe-clock"])
        let total = try await server.client().get("/v1/devices", [("limit", "1"), ("count", "true")])["total"]
        #expect(total == .integer(Int64(Self.rows)))
        for _ in 0..<3_000 where try !server.log().contains("the log was compacted") { usleep(10_000) }
        #expect(server.stop() == 0)
        #expect(try await expectAllOrNothing(server) == 0)
    }

    /// Gives the number of entries left.
    private func expectAllOrNothing(_ server: RunningServer) async throws -> Int {
        let store = try SQLiteStore(path: server.store)
        let engine = try await Engine.open(
            store, catalog: try Catalog.embedded(), logger: .init(label: "crash"), now: { 0 })
        #expect(engine.snapshot.world.devices.count == Self.rows)
        let (floor, head, leaves) = try await store.read { reader in
            (try reader.floor(), try reader.head(), try reader.leaves(after: 0, limit: .max).count)
        }
        #expect(leaves == Int(head.seq))
        #expect(floor == nil || floor?.seq == head.seq)
        let kept = try await engine.log(after: nil, atMost: PageBound(entries: 100_000, bytes: .max)).parts.flatMap(
            \.entries
        ).count
        #expect(kept == Int(head.seq - (floor?.seq ?? 0)))
        try store.close()
        return kept
    }

    private func row(_ number: Int, _ unit: OrgPath) -> Provision {
        Provision(
            serial: "S\(number)", model: "M", unit: unit, tags: [], tokenHash: Digest(hashing: Array("\(number)".utf8)),
            expires: 4_000_000_000_000)
    }
}
