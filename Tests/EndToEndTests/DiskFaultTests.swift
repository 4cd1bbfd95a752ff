import SyncClient
import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// A disk that fails under the real server, as `strace` has it fail.
@Suite struct DiskFaultTests {
    /// What is acknowledged stays in the `-wal`: nothing is lost, and people are told before it fills the disk.
    @Test func `a file that takes no writes is told, and the log in front keeps all that is acknowledged`()
        async throws
    {
        let server = try await RunningServer.founded(serving: false)
        let fault = RunningServer.Fault(path: server.store, calls: "pwrite64", effect: "error=EIO", when: "1+")
        try server.start(suffering: fault)
        let client = try server.client()
        #expect(try await client.get("/health/ready")["warnings"] == .array([]))
        let count = 12
        for number in 1...count { try await write(number, client) }
        let ready = try await client.get("/health/ready")
        #expect(ready["warnings"] == .array([.string("checkpoint-failing")]))
        #expect(ready["seq"]?.integer == Int64(2 * count) + 2)
        #expect(try server.logs("cannot be brought into the store's file"))
        #expect(server.stop() != 0, "not all of it is in the file")

        try server.start()
        let again = try server.client()
        #expect(try await again.get("/health/ready")["seq"]?.integer == Int64(2 * count) + 2)
        #expect(server.stop() == 0)
    }

    @Test func `on a full disk what is read goes on, writes are refused, and there is no restart when there is room`()
        async throws
    {
        let server = try await RunningServer.founded(serving: false)
        let fault = RunningServer.Fault(
            path: server.store + "-wal", calls: "pwrite64", effect: "error=ENOSPC", when: "200..230")
        try server.start(suffering: fault)
        let client = try server.client()
        let token = TestDevice.secret("token", 1)
        let grant = EnrolmentToken(
            hash: Digest(hashing: Array(token.utf8)), unit: .root, tags: [], uses: 9, expires: 4_000_000_000_000)
        _ = try await client.change(ChangeRequest(intent: "token", edits: [.issueToken(grant)]))
        let connection = try DeviceConnection(port: server.agentPort)
        let device = TestDevice(credential: TestDevice.secret("device", 1))
        _ = try await device.enrol(token: token, over: connection)
        _ = try await device.checkIn(over: connection)

        var (written, refusals, last) = (0, 0, "")
        for number in 1...200 where last != "written after a refusal" {
            do {
                try await write(number, client)
                written += 1
                last = refusals > 0 ? "written after a refusal" : "written"
            } catch OperatorClient.Failure.refused(let refusal) {
                #expect(refusal.status == 503 && refusal.code == "store-full", "\(refusal)")
                refusals += 1
                #expect(try await device.checkIn(over: connection).status == 304)
                #expect(try await client.get("/health/ready")["status"] == .string("ready"))
            }
        }
        #expect(last == "written after a refusal", "\(written) written, \(refusals) refused")
        #expect(try await client.get("/v1/policies")["policies"]?.array?.count == written)
        #expect(server.stop() == 0)
    }

    /// A policy of half a megabyte: ten of them are more than the log in front is to have.
    private func write(_ number: Int, _ client: OperatorClient) async throws {
        let name = try #require(PolicyReference("/:p\(number)"))
        let text = JSONValue.array((0..<8).map { .string("\($0)" + String(repeating: "x", count: 60_000)) })
        let body = JSONValue.object(["settings": .object([AcceptedTests.key: text])])
        _ = try await client.change(ChangeRequest(intent: "\(number)", edits: [.putPolicy(name, body)]))
    }
}
