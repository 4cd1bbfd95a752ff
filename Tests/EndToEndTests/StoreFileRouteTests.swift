import Foundation
import SyncStoreSQLite
import TestSupport
import Testing

/// The server's file as people handle it.
@Suite struct StoreFileRouteTests {
    @Test func `after init and after a clean stop the file alone is whole`() async throws {
        let server = try await RunningServer.founded(serving: false)
        #expect(try await seqOfFileAlone(server, "founded") == 2)
        try server.start()
        #expect(server.stop() == 0)
        #expect(try await seqOfFileAlone(server, "stopped") == 2)
    }

    @Test func `a server whose file was put away ends by itself and says why`() async throws {
        let server = try await RunningServer.founded()
        try FileManager.default.moveItem(atPath: server.store, toPath: server.store + ".away")
        #expect(server.ended() == 70)
        #expect(try server.log().contains("is not there any more"))
    }

    @Test func `a second server is refused through another name`() async throws {
        let server = try await RunningServer.founded()
        let link = server.folder.path("link.sqlite")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: server.store)
        let second = try await RunningServer.run(
            "consigned", ["serve", "--store", link, "--agent", "127.0.0.1:0", "--operator", "127.0.0.1:0"])
        #expect(second.exitCode == 75, "\(second.errors)")
        #expect(server.stop() == 0)
    }

    private func seqOfFileAlone(_ server: RunningServer, _ name: String) async throws -> UInt64 {
        let copy = server.folder.path(name)
        try FileManager.default.copyItem(atPath: server.store, toPath: copy)
        let store = try SQLiteStore(path: copy)
        let head = try await store.read { try $0.head() }
        try store.close()
        return head.seq
    }
}
