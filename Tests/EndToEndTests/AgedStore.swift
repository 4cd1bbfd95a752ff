import Foundation
import Logging
import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore
import SyncStoreSQLite
import SyncStoreTesting
import TestSupport
import Testing

/// A server's store before it is started, with changes of the past.
struct AgedStore {
    private static let day: Int64 = 86_400_000

    private let store: SQLiteStore
    private let now: Int64

    /// Founds the log anew, 50 days ago: what is of today would hold everything back.
    init(_ server: RunningServer) async throws {
        now = Int64(Date().timeIntervalSince1970 * 1_000)
        let made = try SQLiteStore(path: server.store)
        let founding = try await made.read { try $0.transactions(after: 0, limit: 9) }
        try made.close()
        for suffix in ["", "-wal", "-shm", ".head"] {
            try? FileManager.default.removeItem(atPath: server.store + suffix)
        }
        try SQLiteStore.create(at: server.store, epoch: UInt64(now / 1_000))
        store = try SQLiteStore(path: server.store)
        let then = now - 50 * Self.day
        try await store.append(founding.map { Self.transaction($0, at: then) })
    }

    func close() throws { try store.close() }

    /// Makes a change as it would have been made some days ago; gives its position.
    func change(_ edits: [Edit], daysAgo days: Int64) async throws -> Seq {
        let time = now - days * Self.day
        let engine = try await Engine.open(
            store, catalog: try Catalog.embedded(), logger: Logger(label: "aged"), now: { time })
        async let run: Void = engine.run()
        let admin = try #require(engine.snapshot.world.operators.values.first)
        let changeSet = ChangeSet(
            intent: "\(days) days ago", reason: nil, base: engine.snapshot.world.seq, edits: edits,
            request: Digest(hashing: [UInt8(days)]))
        let outcome = await Result { try await engine.apply(changeSet, by: admin) }
        engine.close()
        try await run
        return try outcome.get().transaction.lastSeq
    }

    private static func transaction(_ transaction: Transaction, at time: Int64) -> Transaction {
        let header = transaction.header
        return Transaction(
            firstSeq: transaction.firstSeq,
            header: Transaction.Header(
                author: header.author, intent: header.intent, reason: header.reason, reasonSalt: header.reasonSalt,
                received: time, request: header.request), entries: transaction.entries)
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
