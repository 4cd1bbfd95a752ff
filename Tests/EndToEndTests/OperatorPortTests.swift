import Foundation
import SyncCore
import TestSupport
import Testing

/// What connections to the operators' port may cost, over real sockets of the real server.
@Suite(.serialized) struct OperatorPortTests {
    private func head(_ answer: DeviceConnection.Answer) -> String { "\(answer.status) \(answer.headers)" }

    @Test func `idle connections keep nobody out, and one beyond the places is told when to come back`() async throws {
        let server = try await RunningServer.founded()
        let idle = try (0..<140).map { _ in try DeviceConnection(port: server.operatorPort) }
        let device = try DeviceConnection(port: server.agentPort)
        try device.request("GET", "/health")
        #expect(try await device.answer().status == 200, "devices have places of their own")
        var statuses: [Int: Int] = [:]
        for connection in idle {
            try connection.request("GET", "/health/live")
            let answer = try await connection.answer()
            statuses[answer.status, default: 0] += 1
            if answer.status == 503 { #expect(answer.headers["retry-after"] != nil, "\(head(answer))") }
        }
        #expect(statuses == [200: 96, 503: 44])
        withExtendedLifetime(idle) {}
    }

    @Test func `a stalled upload and a parked poll do not hold up the end, and a second signal ends it at once`()
        async throws
    {
        let server = try await RunningServer.founded()
        let stalled = try DeviceConnection(port: server.operatorPort)
        let token = try server.token
        try stalled.send(
            "POST /v1/changes HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\nContent-Length: 1000\r\n\r\n{")
        let begun = ContinuousClock.now
        #expect(server.stop() == 0)
        #expect(ContinuousClock.now - begun < .seconds(30), "a busy machine's ten")
        withExtendedLifetime(stalled) {}

        try server.start()
        let again = try DeviceConnection(port: server.operatorPort)
        try again.send(
            "POST /v1/changes HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\nContent-Length: 1000\r\n\r\n{")
        usleep(300_000)
        #expect(server.stopTwice() == 128 + SIGINT)
        withExtendedLifetime(again) {}
    }

    @Test func `a refusal is read by whoever still sends, and nothing more is read on`() async throws {
        let server = try await RunningServer.founded()
        let body = String(repeating: "x", count: 200_000)
        let refused = try DeviceConnection(port: server.operatorPort)
        try refused.request("POST", "/v1/changes", [("Authorization", "Bearer nobody")], body: body)
        let answer = try await refused.answer()
        #expect(answer.status == 401, "\(head(answer))")

        let flooding = try DeviceConnection(port: server.operatorPort)
        try flooding.send("POST /v1/changes HTTP/1.1\r\nHost: a\r\nContent-Length: 39000000\r\n\r\n")
        let sent = (try? await flooding.flood("y", limit: 64 << 20, patience: 3_000)) ?? 0
        #expect(sent < 32 << 20, "\(sent) bytes were taken after the refusal")
    }

    @Test func `a body that waits is asked for, and only of who may write`() async throws {
        let server = try await RunningServer.founded()
        func ask(_ token: String) async throws -> Int {
            let connection = try DeviceConnection(port: server.operatorPort)
            try connection.send(
                "POST /v1/changes HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\nContent-Length: 2\r\n"
                    + "Expect: 100-continue\r\n\r\n")
            return try await connection.answer(headOnly: true).status
        }
        #expect(try await ask(try server.token) == 100)
        #expect(try await ask("nobody") == 401)
    }

    @Test func `health checks ask by HEAD and OPTIONS, and a plus in a query is a blank`() async throws {
        let server = try await RunningServer.founded()
        let connection = try DeviceConnection(port: server.operatorPort)
        try connection.send("HEAD /health/live HTTP/1.1\r\nHost: a\r\n\r\nOPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await connection.answer(headOnly: true).status == 200)
        #expect(try await connection.answer(headOnly: true).status == 204, "no body stood behind the head")
        for (path, methods) in [("/v1/changes", "POST, OPTIONS"), ("/v1/log", "GET, HEAD, OPTIONS")] {
            try connection.request("OPTIONS", path, [])
            #expect(try await connection.answer(headOnly: true).headers["allow"] == methods)
        }
        let asking = try DeviceConnection(port: server.operatorPort)
        try asking.request(
            "GET", "/v1/devices?standing=in+sync", [("Authorization", "Bearer \(try server.token)")])
        #expect(try await asking.answer().status == 200)
    }

    @Test func `a request that follows before the answer is answered in its turn, its body whole`() async throws {
        let server = try await RunningServer.founded()
        let connection = try DeviceConnection(port: server.operatorPort)
        let headers = "Host: a\r\nAuthorization: Bearer \(try server.token)\r\n"
        let edits = (0..<2_000).map { "{\"op\":\"unit.create\",\"unit\":\"/u\($0)\"}" }.joined(separator: ",")
        let body = "{\"intent\":\"units\",\"edits\":[\(edits)]}"
        try connection.send(
            "GET /v1/status HTTP/1.1\r\n\(headers)\r\nPOST /v1/changes HTTP/1.1\r\n\(headers)"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)HEAD /v1/units HTTP/1.1\r\n\(headers)\r\n")
        let status = try JSONReader.read(try await connection.answer().body)
        #expect(status["devices"] != nil || status["states"] != nil, "\(status)")
        let receipt = try JSONReader.read(try await connection.answer().body)
        #expect(receipt["entries"] == .integer(2_000), "\(receipt)")
        let head = try await connection.answer(headOnly: true)
        #expect(head.status == 200 && (Int(head.headers["content-length"] ?? "") ?? 0) > 10_000)
    }

    @Test func `a log that nobody takes holds up nothing`() async throws {
        for errors in ["/dev/full", nil] {
            let server = try await RunningServer.founded(serving: false)
            let pipe = Pipe()
            let output = try errors.map { try #require(FileHandle(forWritingAtPath: $0)) }
            try server.start(["--log-level", "trace"], errors: output ?? pipe.fileHandleForWriting)
            if errors == nil { try pipe.fileHandleForReading.close() }
            let connection = try DeviceConnection(port: server.operatorPort)
            for _ in 0..<2_000 {
                try connection.request("GET", "/v1/me", [("Authorization", "Bearer nobody")])
                #expect(try await connection.answer().status == 401)
            }
            #expect(server.stop() == 0)
        }
    }
}
