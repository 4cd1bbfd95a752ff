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
    private static let kills = 5

    @Test func `a compaction that is killed has happened or has not`() async throws {
        var generator = SeededGenerator(for: "a compaction that is killed has happened or has not")
        let server = try await RunningServer.founded(serving: false)
        let unit = try #require(OrgPath("/g"))
        let aged = try await AgedStore(server)
        _ = try await aged.change([.createUnit(unit), .provision((0..<Self.rows).map { row($0, unit) })], daysAgo: 40)
        try aged.close()
        let original = server.folder.path("original.sqlite")
        _ = try SQLiteStore.backUp(server.store, to: original)
        var sizes: [Int: Int] = [:]
        for _ in 0..<Self.kills {
            for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: server.store + suffix) }
            try FileManager.default.copyItem(atPath: original, toPath: server.store)
            try server.start(["--retention-days", "1"])
            // The state is 5 MB; what the cache does not hold of it goes to the database before the commit.
            let target = Int.random(in: 1...2_000_000, using: &generator)
            for _ in 0..<12_000 where walSize(server) < target { usleep(250) }
            server.killAtOnce()
            sizes[try await expectAllOrNothing(server), default: 0] += 1
        }
        print("entries left over \(Self.kills) kills: \(sizes)")
        try server.start(["--retention-days", "1"])
        let total = try await server.client().get("/v1/devices", [("limit", "1"), ("count", "true")])["total"]
        #expect(total == .integer(Int64(Self.rows)))
        #expect(server.stop() == 0)
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

    private func walSize(_ server: RunningServer) -> Int {
        var found = stat()
        return stat(server.store + "-wal", &found) == 0 ? Int(found.st_size) : 0
    }

    private func row(_ number: Int, _ unit: OrgPath) -> Provision {
        Provision(
            serial: "S\(number)", model: "M", unit: unit, tags: [], tokenHash: Digest(hashing: Array("\(number)".utf8)),
            expires: 4_000_000_000_000)
    }
}
