import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// How a fleet stands, asked of the real server by the real command line after real devices spoke.
@Suite struct StatusTests {
    private static let token = TestDevice.secret("token", 1)

    /// Five devices in two units: two cannot honour something, one cannot apply the policy, one enrols and is silent.
    private func fleet() async throws -> RunningServer {
        let server = try await RunningServer.founded()
        let client = try server.client()
        let units = try ["/g", "/g/north"].map { try #require(OrgPath($0)) }
        let policies = try ["/:all", "/g/north:north"].map { try #require(PolicyReference($0)) }
        let grant = EnrolmentToken(
            hash: Digest(hashing: Array(Self.token.utf8)), unit: units[1], tags: [], uses: 5,
            expires: Limits.integerMagnitude)
        _ = try await client.change(
            ChangeRequest(
                intent: "fleet",
                edits: [
                    .createUnit(units[0]), .createUnit(units[1]), .issueToken(grant),
                    .putPolicy(policies[0], .object(["funDisabled": .bool(true)])),
                    .putPolicy(policies[1], .object(["cameraAccess": .string("CAMERA_ACCESS_DISABLED")])),
                    .bind(policies[0], .unit(.root), nil), .bind(policies[1], .unit(units[1]), nil),
                ]))
        for number in 1...5 {
            let connection = try DeviceConnection(port: server.agentPort)
            let device = TestDevice(credential: TestDevice.secret("device", number))
            #expect(try await device.enrol(token: Self.token, over: connection).status == 200)
            guard number < 5 else { break }
            try await device.checkIn(over: connection)
            switch number {
            case 1: try await device.report(over: connection)
            case 2:
                try await device.report(
                    over: connection, nonCompliance: [("cameraAccess", "API_LEVEL"), ("nonsense", "because")])
            case 3: try await device.report(over: connection, nonCompliance: [("cameraAccess", "API_LEVEL")])
            default:
                let held = device.have.digest
                let other = TestDevice(credential: device.credential)
                try await other.report(over: connection, failed: held)
            }
        }
        return server
    }

    @Test func `status tells what is not honoured, by setting, unit and policy`() async throws {
        let server = try await fleet()
        let client = try server.client()
        let whole = try await client.get("/v1/status")
        #expect(
            whole["standing"]
                == .object([
                    "in sync": .integer(1), "in sync with non-compliance": .integer(2), "pending": .integer(0),
                    "failed": .integer(1), "silent": .integer(1),
                ]))
        let camera: JSONValue = .object([
            "setting": .string("cameraAccess"), "reason": .string("API_LEVEL"), "devices": .integer(2),
        ])
        let other: JSONValue = .object(["reason": .string("OTHER"), "devices": .integer(1)])
        #expect(whole["nonCompliance"] == .array([camera, other]))
        #expect(whole["failures"] == .array([.object(["reason": .string("test"), "devices": .integer(1)])]))
        let silences = whole["silent"]?.array?.compactMap { $0["seconds"]?.integer }
        #expect(silences == [86_400, 604_800, 2_592_000])
        let north = try await client.get("/v1/status", [("policy", "/g/north:north"), ("silentFor", "1")])
        #expect(north["nonCompliance"] == .array([camera]) && north["silent"]?.array?.count == 4)
        let all = try await client.get("/v1/status", [("policy", "/:all"), ("under", "/g")])
        #expect(all["nonCompliance"] == .array([]) && all["devices"]?["enrolled"] == .integer(5))
    }

    @Test func `the devices behind a figure can be listed`() async throws {
        let server = try await fleet()
        let client = try server.client()
        func count(_ name: String, _ value: String) async throws -> Int {
            let list = try await client.get("/v1/devices", [(name, value), ("count", "true")])
            #expect(list["total"]?.integer == (list["devices"]?.array?.count).map(Int64.init))
            return list["devices"]?.array?.count ?? -1
        }
        #expect(try await count("standing", "in sync with non-compliance") == 2)
        #expect(try await count("standing", "failed") == 1)
        #expect(try await count("nonCompliant", "cameraAccess") == 2)
        #expect(try await count("policy", "/g/north:north") == 5)
        #expect(try await count("silentFor", "86400") == 0)
        let first = try await client.get("/v1/devices", [("standing", "in sync")])["devices"]?.array?.first
        #expect(first?["standing"] == .string("in sync") && first?["lastSeen"]?.integer ?? 0 > 0)
    }

    @Test func `the command line tells the same, and metrics too`() async throws {
        let server = try await fleet()
        func consigne(_ arguments: String...) async throws -> RunningServer.Outcome {
            try await RunningServer.run(
                "consigne", arguments + ["--token-file", server.tokenFile],
                environment: ["CONSIGNE_SERVER": server.operatorURL])
        }
        let status = try await consigne("status", "--policy", "/g/north:north", "--silent-for", "2h").output
        for line in [
            "/g/north:north in / at log position", "1 in sync, 2 in sync with non-compliance, 0 pending, 1 failed",
            "cannot honour   cameraAccess: 2 API_LEVEL", "failed          test: 1", "0 for 2 h, 0 for 1 d",
        ] {
            #expect(status.contains(line), "\(line) in \(status)")
        }
        let list = try await consigne("devices", "--non-compliant", "cameraAccess").output
        #expect(list.split(separator: "\n").count == 3 && list.contains("in sync with non-compliance"), "\(list)")
        let odd = try await consigne("devices", "--standing", "lost")
        #expect(odd.exitCode == 65 && odd.errors.contains("standing: found \"lost\""), "\(odd.errors)")
        let metrics = try await metrics(server, try server.token)
        for line in [
            "consigne_devices_noncompliant{reason=\"API_LEVEL\",setting=\"cameraAccess\"} 2\n",
            "consigne_devices_standing{standing=\"in sync with non-compliance\"} 2\n",
            "consigne_devices_silent{seconds=\"86400\"} 0\n",
        ] {
            #expect(metrics.contains(line), "\(line) in \(metrics)")
        }
    }

    private func metrics(_ server: RunningServer, _ token: String) async throws -> String {
        let connection = try DeviceConnection(port: server.operatorPort)
        try connection.request("GET", "/metrics", [("Authorization", "Bearer \(token)")])
        return String(decoding: try await connection.answer().body, as: UTF8.self)
    }

    @Test func `metrics tell who sees all units how busy the agent listener is`() async throws {
        let server = try await RunningServer.founded()
        let client = try server.client()
        let unit = try #require(OrgPath("/g"))
        let grant = EnrolmentToken(
            hash: Digest(hashing: Array(Self.token.utf8)), unit: unit, tags: [], uses: 1,
            expires: Limits.integerMagnitude)
        _ = try await client.change(ChangeRequest(intent: "g", edits: [.createUnit(unit), .issueToken(grant)]))
        let device = TestDevice(credential: TestDevice.secret("device", 1))
        let connection = try DeviceConnection(port: server.agentPort)
        #expect(try await device.enrol(token: Self.token, over: connection).status == 200)
        try await device.checkIn(over: connection)
        try await device.report(over: connection)
        try device.ask(over: connection, wait: 60)
        // The poll is under way to another process.
        var seen = try await metrics(server, try server.token)
        for _ in 0..<1_000 where !seen.contains("parked_polls 1\n") {
            seen = try await metrics(server, try server.token)
        }
        for line in [
            "# TYPE consigne_agent_connections gauge\nconsigne_agent_connections 1\n",
            "consigne_agent_warnings_total{kind=\"ahead\"} 0\n", "consigne_agent_parked_polls 1\n",
            "consigne_agent_unparked_total 0\n",
            "# TYPE consigne_agent_refused_total counter\nconsigne_agent_refused_total 0\n",
        ] {
            #expect(seen.contains(line), "\(line) in \(seen)")
        }
        let viewer = server.folder.path("viewer")
        let made = try await RunningServer.run(
            "consigne",
            [
                "operators", "create", "eve", "--role", "viewer", "--unit", "/g", "--token-out", viewer,
                "--token-file", server.tokenFile,
            ], environment: ["CONSIGNE_SERVER": server.operatorURL])
        #expect(made.exitCode == 0, "\(made.errors)")
        let token = try String(contentsOfFile: viewer, encoding: .utf8).filter { !$0.isWhitespace }
        let narrow = try await metrics(server, token)
        #expect(narrow.contains("consigne_policies 0\n") && !narrow.contains("consigne_agent"), "\(narrow)")
    }
}
