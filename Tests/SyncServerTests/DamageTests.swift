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

/// A disk that changed something: nothing ends the process, and nothing that was not written is taken for what was.
@Suite struct DamageTests {
    @Test func `whichever bit of a store flips, it is told, or nothing of the log has changed`() async throws {
        let folder = try TemporaryFolder()
        let (path, damaged) = (folder.path("store"), folder.path("damaged"))
        try await fill(path)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let log = try await everything(in: path)
        let clean = try SQLiteStore.check(path)
        #expect(clean.damage.isEmpty && clean.unverifiable == 0 && clean.verified == Int(clean.head.seq))

        let catalog = try Catalog.embedded()
        var random = SeededGenerator(for: "whichever bit of a store flips")
        var (found, repaired) = (0, 0)
        for _ in 0..<400 {
            var bytes = whole
            let offset = Int.random(in: 0..<bytes.count, using: &random)
            bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            for name in [damaged, damaged + ".repaired"] { removeStore(name) }
            try bytes.write(to: URL(fileURLWithPath: damaged))
            let isTold = (try? SQLiteStore.check(damaged))?.damage.isEmpty != true
            found += isTold ? 1 : 0
            let read = try? await everything(in: damaged)
            #expect(isTold || read == log, "offset \(offset)")
            guard isTold,
                let repair = try? SQLiteStore.repair(
                    damaged, to: damaged + ".repaired", now: 9,
                    state: { FloorState.repaired($0, at: $1, catalog: catalog) })
            else {
                continue
            }
            repaired += 1
            let after = try SQLiteStore.check(damaged + ".repaired")
            #expect(after.damage.isEmpty && after.head == repair.head, "offset \(offset): \(after.damage)")
            #expect(try await everything(in: damaged + ".repaired").count >= log.count, "offset \(offset)")
        }
        #expect(found > 20 && repaired > 0, "\(found) were told and \(repaired) repaired")
    }

    /// What is written into the file itself leaves its name, inode and size as they were.
    @Test func `what is written over while it is in use is noticed, and looked at whole before it is opened again`()
        async throws
    {
        let folder = try TemporaryFolder()
        let path = folder.path("store")
        try await fill(path)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let store = try SQLiteStore(path: path)
        let head = try await store.read { try $0.head() }
        try store.witness()
        let page = 4_096
        let half = Data(repeating: 0, count: whole.count / (2 * page) * page)
        try write(half, to: path, at: whole.count - half.count, while: store)
        await #expect(throws: StoreError.self) { try await store.commit(Commit(after: head)) }
        try? store.close()
        let error = #expect(throws: StoreError.self) { try SQLiteStore(path: path) }
        #expect("\(try #require(error))".contains("written to by something else"))
        // Somebody put back what was there.
        try whole.write(to: URL(fileURLWithPath: path))
        try SQLiteStore(path: path).close()
    }

    /// Writes until the store notices: what happens within one tick of the file system's clock looks like its own.
    private func write(_ data: Data, to path: String, at place: Int, while store: SQLiteStore) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        for _ in 0..<100_000 {
            try file.seek(toOffset: UInt64(place))
            try file.write(contentsOf: data)
            do { try store.checkIsInPlace() } catch { return try file.close() }
        }
        Issue.record("100,000 writes were not noticed")
    }

    /// Their leaves are the same; what was added to the format since is missing.
    @Test func `a file of the format before is looked at, copied, restored and served`() async throws {
        let folder = try TemporaryFolder()
        let (path, copy, restored) = (folder.path("store"), folder.path("copy"), folder.path("restored"))
        try await fill(path)
        let log = try await everything(in: path)
        let queue = try DatabaseQueue(path: path)
        try await queue.write { database in
            try database.execute(
                sql: """
                    ALTER TABLE user_document DROP COLUMN version;
                    ALTER TABLE seen DROP COLUMN enrolment;
                    ALTER TABLE seen DROP COLUMN held;
                    DELETE FROM incarnation;
                    UPDATE head SET version = 3;
                    """)
        }
        try queue.close()
        for found in [try SQLiteStore.check(path), try SQLiteStore.backUp(path, to: copy)] {
            #expect(found.damage.isEmpty && found.verified == Int(found.head.seq), "\(found)")
        }
        let head = try SQLiteStore.restore(copy, to: restored, now: 9)
        let after = try SQLiteStore.check(restored)
        #expect(after.damage.isEmpty && after.verified == Int(head.seq) && after.head == head, "\(after)")
        #expect(try await everything(in: restored) == log)
        #expect(try await everything(in: path) == log)
        #expect(try SQLiteStore.check(path).verified == log.flatMap(\.entries).count)
    }

    @Test func `one header that cannot be read costs its own entries alone, on whichever page it is`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("store")
        try await fill(path)
        let queue = try DatabaseQueue(path: path)
        let (first, count) = try await queue.write { database in
            try database.execute(sql: "UPDATE txn SET request = x'00' WHERE id = 7")
            let row = try #require(try Row.fetchOne(database, sql: "SELECT first_seq, entries FROM txn WHERE id = 7"))
            return (row[0] as Int, row[1] as Int)
        }
        try queue.close()
        let store = try SQLiteStore(path: path)
        let head = try await store.read { try $0.head().seq }
        for limit in [1, 2, 3, 5, 100] {
            var (after, gaps, seqs): (Seq, [Seq], [Seq]) = (0, [], [])
            while after < head {
                let (page, found) = try await store.read { [after] in
                    try $0.transactionsWithGaps(after: after, limit: limit)
                }
                gaps += found
                seqs += page.flatMap(\.entries).map(\.seq)
                after = try #require(seqs.last)
            }
            #expect(gaps == (first..<first + count).map(Seq.init) && seqs == Array(1...head), "pages of \(limit)")
        }
        try store.close()
    }

    /// Everything a server does with a store: it starts, and reads all that is there.
    private func everything(in path: String) async throws -> [Transaction] {
        let store = try SQLiteStore(path: path)
        do {
            let engine = try await Engine.open(
                store, catalog: try Catalog.embedded(),
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), now: { 1_764_000_000_000 })
            let log = try await store.read { reader in
                for device in engine.snapshot.world.devices.values {
                    _ = try? reader.report(of: device.id)
                    _ = try? reader.userDocument(of: device.id)
                }
                _ = try? reader.position(at: .max)
                _ = try? reader.history(of: "policy/p1", limit: 9)
                _ = try? reader.leaves(after: 0, limit: .max)
                _ = try? reader.entries(after: 0, atMost: PageBound(entries: 1_000, bytes: 1 << 20))
                return try reader.transactions(after: 0, limit: .max).map(withoutRequest)
            }
            try? await store.sortReports(atLeast: 1)
            engine.close()
            try? store.close()
            return log
        } catch {
            try? store.close()
            throw error
        }
    }

    /// What a leaf is of: the request's digest, by which a repeated intent is known, is not in it.
    private func withoutRequest(_ transaction: Transaction) -> Transaction {
        let header = transaction.header
        return Transaction(
            firstSeq: transaction.firstSeq,
            header: Transaction.Header(
                author: header.author, intent: header.intent, reason: header.reason, reasonSalt: header.reasonSalt,
                received: header.received, request: Digest(hashing: [])),
            entries: transaction.entries)
    }

    /// A store with something in every table.
    private func fill(_ path: String) async throws {
        try SQLiteStore.create(at: path, epoch: 3)
        let store = try SQLiteStore(path: path)
        try await TestServer.with(store) { server in
            for number in 1...4 {
                let handset = try PlayedHandset(number, token: server.token, port: server.listener.port)
                try await handset.synchronise()
                handset.edit(UserEdit("user.language", .set, .string("br")), claimed: 0)
                try await handset.synchronise()
                if number == 2 { try await store.sortReports(atLeast: 1) }
            }
            let policy = try #require(PolicyReference("/:p"))
            for seconds in 1...20 {
                let body = JSONValue.object(["maximumTimeToLock": .integer(Int64(seconds) * 1_000)])
                try await server.change([.putPolicy(policy, body)])
            }
        }
        try store.close()
    }

    private func removeStore(_ path: String) {
        for suffix in ["", "-wal", "-shm", ".head", ".world", ".unfinished"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
    }
}
