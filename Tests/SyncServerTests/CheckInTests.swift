import SyncCore
import SyncEngine
import TestSupport
import Testing

/// What a device is answered, over a real socket.
@Suite struct CheckInTests {
    @Test func `not modified while tag and digest match, also when the version rose`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            let first = try await device.checkIn(over: connection)
            #expect(first.status == 304 && first.body.isEmpty)
            let unit = try #require(OrgPath("/elsewhere"))
            try await server.change([.createUnit(unit)])
            let second = try await device.checkIn(over: connection)
            #expect(second.status == 304)
            #expect(second.headers["consigne-version"] != first.headers["consigne-version"])
            #expect(second.headers["etag"] == device.tag)
        }
    }

    @Test func `a device that holds something else than its tag says gets the document`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            let wrong = Have(epoch: device.have.epoch, version: device.have.version, digest: Digest(hashing: [9]))
            try connection.request("GET", "/v1/sync", headers(device, wrong))
            #expect(try await connection.answer().status == 200)
        }
    }

    @Test func `a device ahead of the server gets no bytes and comes back soon`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            let ahead = Have(epoch: device.have.epoch, version: 1_000_000, digest: device.have.digest)
            try connection.request("GET", "/v1/sync", headers(device, ahead))
            let answer = try await connection.answer()
            #expect(answer.status == 304 && answer.headers["retry-after"] == "30" && answer.body.isEmpty)
        }
    }

    @Test func `a device of another epoch is reset`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            let old = Have(epoch: 1, version: 5, digest: device.have.digest)
            try connection.request("GET", "/v1/sync", headers(device, old))
            let answer = try await connection.answer()
            #expect(try JSONReader.read(answer.body)["result"] == .string("reset"))
        }
    }

    @Test func `a document it could not apply is not offered again`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            try await device.report(over: connection)
            try await server.publish(["funDisabled": .bool(true)])
            let offered = Digest(hashing: Array("{\"funDisabled\":true}".utf8))
            let answer = try await device.report(over: connection, failed: offered)
            #expect(try JSONReader.read(answer.body)["result"] == .string("same"))
            #expect(try await device.checkIn(over: connection).status == 304)
            try await server.publish(["funDisabled": .bool(false)])
            #expect(try await device.checkIn(over: connection).status == 200)
        }
    }

    @Test func `an older report changes nothing, nor the same number with other content`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            try await device.report(over: connection, number: 5)
            let failed = Digest(hashing: [5])
            try await device.report(over: connection, failed: failed, number: 4)
            try await device.report(over: connection, failed: failed, number: 5)
            let id = try #require(server.engine.snapshot.world.device(credentialHash: device.hash)?.id)
            #expect(server.engine.devices.standing(of: id)?.failed == nil)
            #expect(try await server.engine.report(of: id)?.number == 5)
        }
    }

    @Test(arguments: [
        ("GET", "/v1/nothing", "", 404, "unknown-route"), ("GET", "/v1/policies", "", 404, "unknown-route"),
        ("POST", "/v1/changes", "{}", 404, "unknown-route"), ("PUT", "/v1/sync", "{}", 405, "wrong-method"),
        ("GET", "/v1/sync", "", 401, "credential-missing"), ("POST", "/v1/sync", "{}", 401, "credential-missing"),
        ("POST", "/v1/enrol", "{", 400, "bad-json"), ("POST", "/v1/enrol", "{}", 400, "malformed"),
        ("POST", "/v1/enrol", "{\"token\":\"short\"}", 400, "malformed"),
        ("POST", "/v1/enrol", "{\"token\":null}", 400, "malformed"),
        ("POST", "/v1/enrol", "{\"token\":1.5}", 400, "bad-json"),
    ])
    func `bad requests are told what is wrong`(
        method: String, path: String, body: String, status: Int, code: String
    ) async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            try connection.request(method, path, body: body)
            let answer = try await connection.answer()
            #expect(answer.status == status)
            #expect(answer.headers["content-type"] == "application/problem+json")
            if status == 405 { #expect(answer.headers["allow"] == "GET, HEAD, POST, OPTIONS") }
            let problem = try JSONReader.read(answer.body)
            #expect(problem["code"] == .string(code))
            // RFC 9457, section 4.2.1: with `about:blank`, the phrase of the status.
            let phrases = [400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed"]
            #expect(problem["title"]?.string == phrases[status])
            try connection.request("GET", "/health")
            #expect(try await connection.answer().status == 200, "the connection goes on")
        }
    }

    @Test(arguments: [
        "{\"have\":\"x\"}", "{}", "{\"have\":\"0.0.-\",\"edits\":[{}]}", "{\"have\":\"0.0.-\",\"odd\":1}",
        "{\"have\":\"0.0.-\",\"report\":{\"n\":0}}",
        "{\"have\":\"0.0.-\",\"report\":{\"n\":1,\"facts\":{\"apiLevel\":\"x\"}}}",
        "{\"have\":\"0.0.-\",\"report\":{\"n\":1,\"failed\":{\"digest\":\"zz\",\"reason\":\"r\"}}}",
    ])
    func `a malformed report changes nothing`(body: String) async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            try connection.request("POST", "/v1/sync", [("Authorization", "Bearer \(device.credential)")], body: body)
            let answer = try await connection.answer()
            #expect(answer.status == 400)
            let id = try #require(server.engine.snapshot.world.device(credentialHash: device.hash)?.id)
            #expect(try await server.engine.report(of: id) == nil)
        }
    }

    @Test func `a body that is too large is refused before it is read`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            try connection.send("POST /v1/enrol HTTP/1.1\r\nHost: t\r\nContent-Length: 10000000\r\n\r\n")
            try connection.send([UInt8](repeating: 0x20, count: 70_000))
            #expect(try await connection.answer().status == 413)
        }
    }

    @Test func `bytes that are not HTTP, and headers without end, close the connection`() async throws {
        try await TestServer.with { server in
            for bytes in ["\u{1}\u{2}nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"] {
                let connection = try server.connection()
                try connection.send(bytes)
                #expect(try await connection.answer().status == 400)
            }
            let connection = try server.connection()
            let flood =
                "GET /health HTTP/1.1\r\n"
                + String(repeating: "x-h: \(String(repeating: "y", count: 900))\r\n", count: 40)
            try connection.send(flood)
            #expect(try await connection.answer().status == 400)
        }
    }

    private func headers(_ device: TestDevice, _ have: Have) -> [(String, String)] {
        [("Authorization", "Bearer \(device.credential)"), ("Consigne-Have", have.description)]
            + (device.tag.map { [("If-None-Match", $0)] } ?? [])
    }
}
