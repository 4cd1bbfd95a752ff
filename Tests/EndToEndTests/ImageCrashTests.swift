import Foundation
import SyncCore
import SyncProtocol
import SyncStore
import SyncStoreSQLite
import TestSupport
import Testing

/// The real server and the image beside its store: whatever became of that file, the server starts and knows the same.
@Suite(.serialized) struct ImageCrashTests {
    /// Enough for an image to be made when the server stops.
    private static let rows = 5_000
    /// The steps in which an image is written.
    private static let steps = ["openat", "write", "fsync", "rename"]

    @Test func `a kill at any step of writing the image, or a file of somebody else, costs nothing but time`()
        async throws
    {
        var generator = SeededGenerator(for: "a kill while the image is written")
        let server = try await RunningServer.founded()
        let image = server.store + ".world"
        var unfinished = 0
        for (round, step) in Self.steps.enumerated() {
            #expect(server.stop() == 0)
            try server.start(suffering: .death(at: 1, of: step, on: image + ".unfinished"))
            try await deliver(server, round)
            let before = try? Data(contentsOf: URL(fileURLWithPath: image))
            server.terminate()
            #expect(server.died(), "no \(step) on the image")
            let after = try? Data(contentsOf: URL(fileURLWithPath: image))
            #expect(after == before, "\(step)")
            if size(image + ".unfinished") > 0 { unfinished += 1 }
            try server.start()
            try await expectAll(server, Self.rows * (round + 1))
        }
        #expect(unfinished > 1)
        #expect(server.stop() == 0)
        let whole = try Data(contentsOf: URL(fileURLWithPath: image))
        try await expectStart(server, image, whole, isUsed: true)
        var flipped = whole
        flipped[Int.random(in: 0..<whole.count, using: &generator)] ^= 0x10
        for bad in [flipped, whole.prefix(whole.count / 2), Data(), Data("somebody else's file".utf8)] {
            try await expectStart(server, image, bad, isUsed: false)
        }
        try await expectStart(server, image, whole, isUsed: true)
    }

    @Test func `a server that stops leaves an image, which no restored backup uses`() async throws {
        let server = try await RunningServer.founded()
        try await deliver(server, 0)
        let backup = server.folder.path("backup.sqlite")
        let made = try await RunningServer.run("consigned", ["backup", "--store", server.store, "--to", backup])
        #expect(made.exitCode == 0, "\(made.errors)")
        #expect(server.stop() == 0)
        #expect(size(server.store + ".world") > 0)
        #expect(size(backup + ".world") < 0)
        for suffix in ["", "-wal", "-shm", ".head"] {
            try? FileManager.default.removeItem(atPath: server.store + suffix)
        }
        let restore = ["restore", "--store", server.store, "--from", backup]
        let refused = try await RunningServer.run("consigned", restore)
        #expect(refused.exitCode == 73 && refused.errors.contains(".world"), "what is left over is named")
        let (image, aside) = (server.store + ".world", server.folder.path("aside"))
        try FileManager.default.moveItem(atPath: image, toPath: aside)
        let restored = try await RunningServer.run("consigned", restore)
        #expect(restored.exitCode == 0, "\(restored.errors)")
        try FileManager.default.moveItem(atPath: aside, toPath: image)
        try server.start()
        try await expectAll(server, Self.rows)
        let log = try server.log()
        #expect(log.contains("it is of another log or build"), "\(log)")
        #expect(server.stop() == 0)
    }

    private func expectStart(
        _ server: RunningServer, _ image: String, _ bytes: Data, isUsed: Bool
    ) async throws {
        try bytes.write(to: URL(fileURLWithPath: image))
        try server.start()
        try await expectAll(server, Self.rows * Self.steps.count)
        let log = try server.log()
        #expect(log.contains("\"image\":\"0\"") != isUsed, "\(log)")
        #expect(log.contains("the image of the log is not used") != isUsed, "\(log)")
        server.killAtOnce()
    }

    private func expectAll(_ server: RunningServer, _ count: Int) async throws {
        let total = try await server.client().get("/v1/devices", [("limit", "1"), ("count", "true")])["total"]
        #expect(total == .integer(Int64(count)))
    }

    /// Below 0 for a file that is not there.
    private func size(_ path: String) -> Int {
        var found = stat()
        return stat(path, &found) == 0 ? Int(found.st_size) : -1
    }

    /// One change with as many entries as an image is made for.
    private func deliver(_ server: RunningServer, _ round: Int) async throws {
        let unit = try #require(OrgPath("/g"))
        let rows = (0..<Self.rows).map { number in
            Provision(
                serial: "S\(round)-\(number)", model: "M", unit: unit, tags: [],
                tokenHash: Digest(hashing: Array("\(round) \(number)".utf8)), expires: 4_000_000_000_000)
        }
        let edits = [Edit.provision(rows)]
        _ = try await server.client().change(
            ChangeRequest(intent: "delivery \(round)", edits: round == 0 ? [.createUnit(unit)] + edits : edits))
    }
}
