import Foundation
import SyncCore
import SyncStore
import SyncStoreSQLite
import SyncStoreTesting
import TestSupport
import Testing

@Suite struct StoreTests {
    @Test func `the memory store keeps the contract`() async throws {
        let breaches = try await StoreConformance { MemoryStore(epoch: 1) }.run()
        #expect(breaches == [])
    }

    @Test func `the SQLite store keeps the contract`() async throws {
        let folder = try TemporaryFolder()
        let breaches = try await StoreConformance { try folder.makeStore() }.run()
        #expect(breaches == [])
    }

    @Test func `SQLite is durable, exclusive and outlives a close`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.sqlite")
        try SQLiteStore.create(at: path, epoch: 42)
        let store = try SQLiteStore(path: path)
        #expect(try store.synchronous() == 2, "GRDB sets NORMAL; FULL must be set after it")
        #expect(throws: StoreError.inUse) { try SQLiteStore(path: path) }
        #expect(throws: StoreError.unusable("\(path) exists already: put it away first, with what belongs to it")) {
            try SQLiteStore.create(at: path, epoch: 1)
        }
        var commit = Commit(after: Head(epoch: 42, seq: 0))
        commit.reports = [report]
        #expect(try await store.commit(commit) == .written)
        try store.close()
        let again = try SQLiteStore(path: path)
        #expect(try await again.read { try $0.head() } == Head(epoch: 42, seq: 0))
        #expect(try await again.read { try $0.report(of: report.device) } == report)
    }

    /// Mapped pages count as the server's memory, and one that cannot be read is a signal instead of an error.
    @Test func `the file is read and not mapped into memory`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.sqlite")
        try SQLiteStore.create(at: path, epoch: 42)
        let store = try SQLiteStore(path: path)
        var commit = Commit(after: Head(epoch: 42, seq: 0))
        commit.reports = [report]
        #expect(try await store.commit(commit) == .written)
        #expect(try await store.read { try $0.report(of: report.device) } == report)
        let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
        #expect(!maps.split(separator: "\n").contains { $0.hasSuffix(path) })
        try store.close()
    }

    @Test func `a file of somebody else is refused`() throws {
        let folder = try TemporaryFolder()
        try Data("not a database at all, but long enough to look".utf8).write(
            to: URL(fileURLWithPath: folder.path("b")))
        #expect(throws: StoreError.self) { try SQLiteStore(path: folder.path("b")) }
        #expect(throws: StoreError.unusable("\(folder.path("c")) does not exist")) {
            try SQLiteStore(path: folder.path("c"))
        }
    }

    private let report = StoredReport(
        device: DeviceID(seq: 3), enrolment: 3, number: 1, held: Digest(hashing: []), failed: nil, received: 5,
        body: Array("{}".utf8))
}

extension TemporaryFolder {
    fileprivate func makeStore() throws -> SQLiteStore {
        let path = path("\(UUID()).sqlite")
        try SQLiteStore.create(at: path, epoch: 7)
        return try SQLiteStore(path: path)
    }
}
