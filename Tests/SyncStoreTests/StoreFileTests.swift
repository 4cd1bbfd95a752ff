import Foundation
import GRDB
import SyncCore
import SyncStore
import SyncStoreSQLite
import TestSupport
import Testing

@testable import SyncStoreTesting

/// What happens to the file under a store, and to files that are none.
@Suite struct StoreFileTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("a.sqlite")
        try SQLiteStore.create(at: path, epoch: 42)
    }

    @Test func `after a close the file alone is whole`() async throws {
        let store = try SQLiteStore(path: path)
        _ = try await store.read { try $0.head() }
        #expect(try await store.commit(commit(1)) == .written)
        try store.close()
        let copy = folder.path("copy.sqlite")
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        let again = try SQLiteStore(path: copy)
        #expect(try await again.read { try $0.report(of: DeviceID(seq: 3)) }?.number == 1)
        try again.close()
    }

    @Test func `no other name lets a second one in`() throws {
        let store = try SQLiteStore(path: path)
        let (soft, hard) = (folder.path("soft"), folder.path("hard"))
        try FileManager.default.createSymbolicLink(atPath: soft, withDestinationPath: path)
        try FileManager.default.linkItem(atPath: path, toPath: hard)
        for name in [path, soft, hard] { #expect(throws: StoreError.inUse) { try SQLiteStore(path: name) } }
        try store.close()
        try SQLiteStore(path: soft).close()
    }

    enum Loss: CaseIterable { case removed, replaced, cut, front, frontCut }

    @Test(arguments: Loss.allCases) func `nothing is acknowledged into a file that is gone`(_ loss: Loss) async throws {
        let other = folder.path("other.sqlite")
        try FileManager.default.copyItem(atPath: path, toPath: other)
        let store = try SQLiteStore(path: path)
        #expect(try await store.commit(commit(1)) == .written)
        try store.checkIsInPlace()
        switch loss {
        case .removed: try FileManager.default.removeItem(atPath: path)
        case .replaced: #expect(rename(other, path) == 0)
        case .cut: #expect(truncate(path, 4_096) == 0)
        case .front: try FileManager.default.removeItem(atPath: path + "-wal")
        case .frontCut: #expect(truncate(path + "-wal", 32) == 0)
        }
        await #expect(throws: StoreError.self) { try await store.commit(commit(2)) }
        #expect(throws: StoreError.self) { try store.checkIsInPlace() }
        // It does not come back by itself.
        await #expect(throws: StoreError.self) { try await store.commit(commit(3)) }
    }

    /// A compaction that ended between its first step and its last.
    @Test func `what a compaction did not come to is nobody's, and goes with the next`() async throws {
        let store = try SQLiteStore(path: path)
        try await store.append((0..<4).map { Samples.transaction(firstSeq: Seq($0 * 2 + 1), entries: 2) })
        func compact(to seq: Seq, after before: Floor?) async throws -> Floor {
            let floor = Floor(seq: seq, received: Int64(seq), state: Digest(hashing: [[UInt8(seq)]]))
            #expect(try await store.compact(to: floor, replacing: before, state: [[UInt8(seq)]]))
            return floor
        }
        let floor = try await compact(to: 4, after: nil)
        try store.close()
        let queue = try DatabaseQueue(path: path)
        try await queue.write { database in
            try database.execute(
                sql: """
                    DELETE FROM leaf WHERE seq > 2;
                    INSERT INTO txn(id, first_seq, entries, author, intent, received, request)
                    SELECT -1, 3, 2, author, 'left', received, request FROM txn LIMIT 1;
                    INSERT INTO entry(seq, txn, subject, key, op, base, outcome, leaf)
                    SELECT seq - 2, -1, subject, key, op, base, outcome, leaf FROM entry WHERE seq IN (5, 6);
                    """)
        }
        try queue.close()
        let again = try SQLiteStore(path: path)
        let subject = Samples.subject(of: 1)
        #expect(try await again.read { try $0.history(of: subject, limit: 9) }.map(\.firstSeq) == [5, 7])
        await #expect(throws: StoreError.compacted(floor: 4)) {
            try await again.read { try $0.transactions(after: 2, limit: 9) }
        }
        let next = Floor(seq: 6, received: 6, state: Digest(hashing: [[6]]))
        #expect(try await again.compact(to: next, replacing: floor, state: [[6]]))
        #expect(try await again.read { try $0.leaves(after: 0, limit: .max) }.count == 8)
        try again.close()
        let rest = try DatabaseQueue(path: path)
        #expect(try await rest.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM entry WHERE seq <= 6") } == 0)
        try rest.close()
    }

    @Test func `whoever else commits to it is noticed`() async throws {
        let store = try SQLiteStore(path: path)
        try store.checkIsInPlace()
        #expect(try await store.commit(commit(1)) == .written)
        try store.checkIsInPlace()
        let other = try DatabaseQueue(path: path)
        try await other.read { _ = try Int.fetchOne($0, sql: "SELECT count(*) FROM report") }
        try store.checkIsInPlace()
        try await other.write { try $0.execute(sql: "DELETE FROM report") }
        try other.close()
        #expect(throws: StoreError.self) { try store.checkIsInPlace() }
        await #expect(throws: StoreError.self) { try await store.commit(commit(2)) }
    }

    @Test func `no copy is made beside what belongs to another`() throws {
        let copy = folder.path("copy.sqlite")
        for suffix in ["-wal", "-shm", "-journal", ".world"] {
            try Data("x".utf8).write(to: URL(fileURLWithPath: copy + suffix))
            #expect(throws: StoreError.self) { try SQLiteStore.backUp(path, to: copy) }
            #expect(throws: StoreError.self) { try SQLiteStore.restore(path, to: copy, now: 9) }
            #expect(throws: StoreError.self) { try SQLiteStore.create(at: copy, epoch: 1) }
            #expect(!FileManager.default.fileExists(atPath: copy))
            try FileManager.default.removeItem(atPath: copy + suffix)
        }
    }

    @Test func `its own checkpoints are nobody else's writing`() async throws {
        let store = try SQLiteStore(path: path)
        let before = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        for number in 1...400 {
            #expect(try await store.commit(commit(UInt64(number), of: 100)) == .written)
            try store.checkIsInPlace()
        }
        let after = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        #expect(before != after, "no checkpoint came about")
        try store.close()
    }

    @Test func `what is no store is refused by name and left as it is`() throws {
        let (empty, text, short, other, inside) = (
            folder.path("empty"), folder.path("text"), folder.path("short"), folder.path("other"), folder.path("folder")
        )
        try Data().write(to: URL(fileURLWithPath: empty))
        try Data(repeating: 65, count: 5_000).write(to: URL(fileURLWithPath: text))
        try Data(contentsOf: URL(fileURLWithPath: path)).prefix(60).write(to: URL(fileURLWithPath: short))
        try FileManager.default.createDirectory(atPath: inside, withIntermediateDirectories: false)
        let queue = try DatabaseQueue(path: other)
        try queue.write { try $0.execute(sql: "CREATE TABLE theirs(id INTEGER PRIMARY KEY, name TEXT)") }
        try queue.close()
        for file in [empty, text, short, other] {
            let before = try Data(contentsOf: URL(fileURLWithPath: file))
            let error = #expect(throws: StoreError.self) { try SQLiteStore(path: file) }
            #expect("\(try #require(error))".contains(file))
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
            #expect(!FileManager.default.fileExists(atPath: file + "-wal"))
        }
        #expect(throws: StoreError.self) { try SQLiteStore(path: inside) }
    }

    private func commit(_ number: UInt64, of devices: UInt64 = 1) -> Commit {
        var commit = Commit(after: Head(epoch: 42, seq: 0))
        commit.reports = (0..<devices).map { device in
            StoredReport(
                device: DeviceID(seq: 3 + device), enrolment: 3, number: number, held: Digest(hashing: []), failed: nil,
                received: 5, body: Array("{}".utf8))
        }
        return commit
    }
}
