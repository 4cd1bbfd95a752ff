import Foundation
import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// A store that lost something that was acknowledged is not served as if nothing had happened.
@Suite struct OlderStoreTests {
    @Test func `an old copy in the store's place is refused, and accepted on demand as a new incarnation`() async throws
    {
        let server = try await RunningServer.founded(serving: false)
        let old = server.folder.path("old")
        try FileManager.default.copyItem(atPath: server.store, toPath: old)
        try server.start()
        try await change(server, "/a")
        #expect(server.stop() == 0)
        let epoch = try #require(words(server).first)
        #expect(rename(old, server.store) == 0)
        #expect(throws: RunningServer.Failure.self) { try server.start() }
        #expect(try server.log().contains("--accept-older"))
        try server.start(["--accept-older"])
        try await change(server, "/b")
        #expect(server.stop() == 0)
        #expect(try #require(words(server).first) > epoch, "the epoch rose")
        try server.start()
        #expect(server.stop() == 0)
    }

    @Test func `a store without what was in its log in front is refused`() async throws {
        let server = try await RunningServer.founded()
        try await change(server, "/a")
        for _ in 0..<3_000 where try words(server).dropFirst().first.flatMap({ Seq($0) }) ?? 0 < 3 { usleep(10_000) }
        server.killAtOnce()
        let front = server.store + "-wal"
        #expect(rename(front, front + ".away") == 0)
        #expect(throws: RunningServer.Failure.self) { try server.start() }
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: server.store + suffix) }
        #expect(rename(front + ".away", front) == 0)
        try server.start()
        #expect(server.stop() == 0, "with it, it is whole")
    }

    @Test func `a restore takes a store with its log in front, refuses leftovers, and rises above what was there`()
        async throws
    {
        let server = try await RunningServer.founded()
        try await change(server, "/a")
        server.killAtOnce()
        let target = server.folder.path("target.sqlite")
        let high: UInt64 = 9_000_000_000
        try Data("\(high) 9 \(Digest(hashing: []))\n".utf8).write(to: URL(fileURLWithPath: target + ".head"))
        try Data().write(to: URL(fileURLWithPath: target + "-wal"))
        let arguments = ["restore", "--store", target, "--from", server.store]
        let refused = try await RunningServer.run("consigned", arguments)
        #expect(refused.exitCode == 73 && refused.errors.contains("target.sqlite-wal"), "\(refused.errors)")
        try FileManager.default.removeItem(atPath: target + "-wal")
        let done = try await RunningServer.run("consigned", arguments)
        #expect(done.exitCode == 0 && done.output.contains("up to 3, now of epoch \(high + 1)"), "\(done.output)")
    }

    private func words(_ server: RunningServer) throws -> [Substring] {
        guard let text = try? String(contentsOfFile: server.store + ".head", encoding: .utf8) else { return [] }
        return text.split(separator: " ")
    }

    private func change(_ server: RunningServer, _ unit: String) async throws {
        let path = try #require(OrgPath(unit))
        _ = try await server.client().change(ChangeRequest(intent: unit, edits: [.createUnit(path)]))
    }
}
