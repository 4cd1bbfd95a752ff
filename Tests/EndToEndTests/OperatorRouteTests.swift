import Foundation
import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// Bad input on every route of the operators' listener: a problem with a code, and nothing done.
@Suite struct OperatorRouteTests {
    private static let reads = [
        "/v1/me", "/v1/status", "/v1/units", "/v1/policies", "/v1/policy?name=/:x", "/v1/policy/history?name=/:x",
        "/v1/assignments",
        "/v1/conflicts",
        "/v1/tokens", "/v1/operators", "/v1/devices", "/v1/devices/d1", "/v1/devices/d1/explain", "/v1/log",
        "/v1/devices/d1/user", "/metrics",
    ]

    @Test func `no route answers without a token, and none takes an unknown query`() async throws {
        let server = try await RunningServer.founded()
        let connection = try DeviceConnection(port: server.operatorPort)
        for path in Self.reads {
            #expect(try await ask(connection, "GET", path, token: nil) == (401, "unauthenticated"), "\(path)")
            let wrong = String(repeating: "w", count: 64)
            #expect(try await ask(connection, "GET", path, token: wrong) == (401, "unauthenticated"), "\(path)")
            let odd = path + (path.contains("?") ? "&odd=1" : "?odd=1")
            let (status, code) = try await ask(connection, "GET", odd, token: try server.token)
            #expect(code == (path.contains("/d1") ? code : "malformed") && (400...404).contains(status), "\(odd)")
        }
        for path in ["/v1/plan", "/v1/changes"] {
            #expect(try await ask(connection, "POST", path, token: nil, body: "{}") == (401, "unauthenticated"))
        }
    }

    @Test func `a reader of the log may wait for what comes, and holds up no shutdown`() async throws {
        let server = try await RunningServer.founded()
        let connection = try DeviceConnection(port: server.operatorPort)
        let headers = [("Authorization", "Bearer \(try server.token)")]
        let head = try await server.client().get("/v1/log")["head"]?.integer ?? 0
        try connection.request("GET", "/v1/log?after=\(head)&wait=45", headers)
        #expect(!connection.hasAnswer(within: 300))
        let unit = try #require(OrgPath("/g"))
        _ = try await server.client().change(ChangeRequest(intent: "news", edits: [.createUnit(unit)]))
        let page = try JSONReader.read(try await connection.answer(within: 5_000).body)
        #expect(page["transactions"]?.array?.count == 1 && page["next"] == .integer(head + 1))
        try connection.request("GET", "/v1/log?after=\(head + 1)&wait=1", headers)
        let nothing = try JSONReader.read(try await connection.answer(within: 5_000).body)
        #expect(nothing["transactions"] == .array([]) && nothing["next"] == .integer(head + 1))
        try connection.request("GET", "/v1/log?after=\(head + 1)&wait=45", headers)
        #expect(!connection.hasAnswer(within: 300))
        let clock = ContinuousClock()
        let begun = clock.now
        #expect(server.stop() == 0)
        #expect(clock.now - begun < .seconds(20), "the waiting reader held the server up")
    }

    @Test func `metrics count what status counts, and siblings`() async throws {
        let server = try await RunningServer.founded()
        let client = try server.client()
        let policy = try #require(PolicyReference("/:p"))
        for (index, mode) in [ConflictMode.strict, .merge, .merge].enumerated() {
            let body = JSONValue.object(["maximumTimeToLock": .integer(Int64(index + 1) * 60_000)])
            _ = try await client.change(
                ChangeRequest(intent: "p\(index)", mode: mode, edits: [.putPolicy(policy, body)]))
        }
        let connection = try DeviceConnection(port: server.operatorPort)
        try connection.request("GET", "/metrics", [("Authorization", "Bearer \(try server.token)")])
        let answer = try await connection.answer()
        let lines = String(decoding: answer.body, as: UTF8.self).split(separator: "\n")
        #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        for line in [
            "consigne_conflicts 1", "consigne_siblings 2", "consigne_policies 1", "consigne_log_floor 0",
            "consigne_devices{state=\"enrolled\"} 0", "# TYPE consigne_siblings gauge",
        ] {
            #expect(lines.contains(Substring(line)), "\(line)")
        }
    }

    @Test func `a bad change is told and not done`() async throws {
        let server = try await RunningServer.founded()
        let connection = try DeviceConnection(port: server.operatorPort)
        let edit = "{\"op\":\"unit.create\",\"unit\":\"/g\"}"
        for (body, status, code) in [
            ("", 400, "bad-json"), ("{", 400, "bad-json"), ("{\"intent\":\"i\",\"intent\":\"j\"}", 400, "bad-json"),
            ("{}", 400, "malformed"), ("{\"intent\":\"i\",\"edits\":[]}", 400, "malformed"),
            ("{\"intent\":\"i\",\"edits\":[{\"op\":\"unit.explode\"}]}", 400, "malformed"),
            ("{\"intent\":\"i\",\"mode\":\"loud\",\"edits\":[\(edit)]}", 400, "malformed"),
            ("{\"intent\":\"i\",\"mode\":\"force\",\"edits\":[\(edit)]}", 400, "reason-needed"),
            ("{\"intent\":\"i\",\"epoch\":5,\"edits\":[\(edit)]}", 409, "log-restored"),
            (
                "{\"intent\":\"i\",\"base\":99999,\"edits\":[{\"op\":\"policy.put\",\"policy\":\"/:x\",\"body\":{}}]}",
                409,
                "base-ahead"
            ),
            ("{\"intent\":\"i\",\"edits\":[\(edit),{\"op\":\"unit.create\",\"unit\":\"g\"}]}", 400, "malformed"),
            ("{\"intent\":\"i\",\"edits\":[\(edit),\(edit)]}", 409, "unit-exists"),
            ("{\"intent\":\"i\",\"edits\":[{\"op\":\"unit.create\",\"unit\":\"/a/b\"}]}", 404, "unknown-unit"),
            (
                "{\"intent\":\"i\",\"edits\":[{\"op\":\"policy.put\",\"policy\":\"/:x\",\"body\":{\"a\":null}}]}", 422,
                "policy-refused"
            ),
            (
                "{\"intent\":\"i\",\"edits\":[{\"op\":\"policy.put\",\"policy\":\"/:x\",\"body\":{\"a\":1.5}}]}", 400,
                "bad-json"
            ),
            (
                "{\"intent\":\"i\",\"edits\":[\(edit)],\"plan\":{\"seq\":1,\"hash\":\"\(String(repeating: "0", count: 64))\"}}",
                409, "plan-stale"
            ),
        ] {
            let found = try await ask(connection, "POST", "/v1/changes", token: try server.token, body: body)
            #expect(found == (status, code), "\(body)")
        }
        let units = try await server.client().get("/v1/units")
        #expect(units["units"]?.array?.count == 1, "only the root: nothing was half done")
    }

    @Test func `a policy's tag says what its reader saw`() async throws {
        let server = try await RunningServer.founded()
        let connection = try DeviceConnection(port: server.operatorPort)
        let authorization = ("Authorization", "Bearer \(try server.token)")
        func put(_ intent: String, _ body: String, ifMatch tag: String?) async throws -> DeviceConnection.Answer {
            let edit = "{\"op\":\"policy.put\",\"policy\":\"/:x\",\"body\":{\"settings\":{\(body)}}}"
            try connection.request(
                "POST", "/v1/changes", [authorization] + (tag.map { [("If-Match", $0)] } ?? []),
                body: "{\"intent\":\"\(intent)\",\"edits\":[\(edit)]}")
            return try await connection.answer()
        }
        #expect(
            try await put("1", "\"cameraAccess\":\"CAMERA_ACCESS_DISABLED\",\"funDisabled\":true", ifMatch: nil).status
                == 200)
        try connection.request("GET", "/v1/policy?name=/:x", [authorization])
        let tag = try #require(try await connection.answer().headers["etag"])
        #expect(
            try await put("2", "\"cameraAccess\":\"CAMERA_ACCESS_ENFORCED\",\"funDisabled\":false", ifMatch: tag).status
                == 200)
        let late = try await put(
            "3", "\"cameraAccess\":\"CAMERA_ACCESS_USER_CHOICE\",\"smsDisabled\":true", ifMatch: tag)
        let problem = try JSONReader.read(late.body)
        #expect(late.status == 409 && problem["code"] == .string("conflict"))
        let details = problem["details"]?.array ?? []
        #expect(details.map { $0["setting"] } == [.string("cameraAccess"), .string("funDisabled")], "all, in order")
        #expect(details.first?["seen"]?["value"] == .string("CAMERA_ACCESS_DISABLED"))
        #expect(details.first?["theirs"]?["value"] == .string("CAMERA_ACCESS_ENFORCED"))
        #expect(details.last?["yours"] == nil, "he takes it out")
        #expect(
            try await put("4", "\"funDisabled\":true", ifMatch: nil).status == 409, "who saw nothing overwrites nothing"
        )
        #expect(
            try await put("5", "\"funDisabled\":false,\"cameraAccess\":\"CAMERA_ACCESS_ENFORCED\"", ifMatch: nil).status
                == 200)
        for bad in ["41", "\"41\"", "W/\"1.41\"", "*"] {
            let answer = try await put("6", "", ifMatch: bad)
            #expect(answer.status == 400, "\(bad)")
        }
    }

    @Test func `unknown routes and devices' routes are not here`() async throws {
        let server = try await RunningServer.founded()
        let connection = try DeviceConnection(port: server.operatorPort)
        for path in ["/", "/v1", "/v1/sync", "/v1/enrol", "/v1/devices/d1/wipe"] {
            #expect(try await ask(connection, "GET", path, token: try server.token).status == 404, "\(path)")
        }
        #expect(
            try await ask(connection, "GET", "/v1/devices/nonsense", token: try server.token).code == "unknown-device")
    }

    private func ask(
        _ connection: DeviceConnection, _ method: String, _ path: String, token: String?, body: String = ""
    ) async throws -> (status: Int, code: String) {
        try connection.request(method, path, token.map { [("Authorization", "Bearer \($0)")] } ?? [], body: body)
        let answer = try await connection.answer()
        return (answer.status, (try? JSONReader.read(answer.body))?["code"]?.string ?? "")
    }
}
