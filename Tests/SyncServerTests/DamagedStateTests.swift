import Foundation
import GRDB
import Logging
import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore
import SyncStoreSQLite
import TestSupport
import Testing

/// What the log begins with, where it was forgotten before: there is no other truth of it.
@Suite struct DamagedStateTests {
    @Test func `whichever bit of the state at the floor flips, it is told, the rest is served, and a repair ends it`()
        async throws
    {
        let folder = try TemporaryFolder()
        let (path, damaged, repaired) = (folder.path("store"), folder.path("damaged"), folder.path("repaired"))
        try await fill(path)
        let pieces = try await pieces(in: path)
        let lines = pieces.flatMap { $0.split(separator: UInt8(ascii: "\n")) }
        var random = SeededGenerator(for: "whichever bit of the state at the floor flips")
        var (served, lost) = (0, 0)
        for _ in 0..<120 {
            var bytes = pieces[0]
            let offset = Int.random(in: 0..<bytes.count, using: &random)
            bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            for name in [damaged, repaired] { remove(name) }
            try FileManager.default.copyItem(atPath: path, toPath: damaged)
            try await replace(bytes, in: damaged)
            #expect(try !SQLiteStore.check(damaged).damage.isEmpty, "offset \(offset)")

            let repair = try #require(try Self.repair(damaged, to: repaired))
            #expect(try SQLiteStore.check(repaired).damage.isEmpty, "offset \(offset)")
            try await Self.open(repaired) { engine in
                #expect(engine.stateDamage.isEmpty && engine.snapshot.world.seq >= repair.head.seq)
                _ = try await engine.world(at: .position(try #require(engine.floor).seq))
            }
            do {
                try await Self.open(damaged) { engine in
                    #expect(!engine.stateDamage.isEmpty && engine.warnings == [.logUnreadable], "offset \(offset)")
                    let floor = try #require(engine.floor).seq
                    await #expect(throws: Refusal.self) { try await engine.world(at: .position(floor)) }
                    lost += 4 - engine.snapshot.world.devices.count
                }
                served += 1
            } catch StoreError.unusable(let sentence) {
                #expect(offset <= lines[0].count && sentence.contains("from its first line on"), "offset \(offset)")
            }
        }
        #expect(served > 60 && lost > 0, "\(served) were served, \(lost) devices were lost")
    }

    /// A store whose log begins with four devices.
    private func fill(_ path: String) async throws {
        try SQLiteStore.create(at: path, epoch: 3)
        let store = try SQLiteStore(path: path)
        try await TestServer.with(store) { server in
            for number in 1...4 {
                try await PlayedHandset(number, token: server.token, port: server.listener.port).synchronise()
            }
            let policy = try #require(PolicyReference("/:p"))
            try await server.change([.putPolicy(policy, .object(["maximumTimeToLock": .integer(1_000)]))])
            #expect(try await server.engine.compact(before: .max) != nil)
        }
        try store.close()
    }

    private static func open(_ path: String, _ body: (Engine) async throws -> Void) async throws {
        let store = try SQLiteStore(path: path)
        do {
            let logger = Logger(label: "damage") { _ in SwiftLogNoOpLogHandler() }
            try await body(try await Engine.open(store, catalog: try Catalog.embedded(), logger: logger, now: { 1 }))
        } catch {
            try store.close()
            throw error
        }
        try store.close()
    }

    private static func repair(_ path: String, to copy: String) throws -> StoreRepair? {
        let catalog = try Catalog.embedded()
        return try SQLiteStore.repair(path, to: copy, now: 9) { FloorState.repaired($0, at: $1, catalog: catalog) }
    }

    private func pieces(in path: String) async throws -> [[UInt8]] {
        let store = try SQLiteStore(path: path)
        let pieces = try await store.read { try $0.state(from: 0, limit: .max) }
        try store.close()
        return pieces
    }

    private func replace(_ piece: [UInt8], in path: String) async throws {
        let queue = try DatabaseQueue(path: path)
        try await queue.write { database in
            try database.execute(sql: "UPDATE state SET piece = ? WHERE id = 0", arguments: [Data(piece)])
        }
        try queue.close()
    }

    private func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm", ".head", ".world"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
    }
}
