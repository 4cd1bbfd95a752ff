import Foundation
import SyncClient
import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// Devices and operators behind the proxies of the distribution, set up as `Protocol/Proxies` says.
@Suite struct ProxyTests {
    private static let token = TestDevice.secret("token", 0)
    /// Whether a proxy that is not here fails the run: `Tests/run` installs them and says so.
    private static let mustBeHere = ProcessInfo.processInfo.environment["CONSIGNE_TEST_PROXIES"] == "required"
    private static let kinds = RunningProxy.Kind.allCases.filter { $0.isInstalled }

    @Test func `the proxies are here, or the run says that it does without`() {
        for kind in RunningProxy.Kind.allCases where !kind.isInstalled {
            #expect(!Self.mustBeHere, "\(kind.rawValue) is not installed")
            print("\(kind.rawValue): skipped, it is not installed")
        }
    }

    /// Longer than either proxy waits in its defaults.
    @Test(arguments: kinds) func `a wait lasts to its end`(kind: RunningProxy.Kind) async throws {
        let (server, proxy) = try await founded(kind)
        let (connection, device) = try await settled(1, proxy.agentPort)
        try device.ask(over: connection, wait: 62)
        let answer = try await connection.answer(within: 85_000)
        #expect(answer.status == 304 && answer.headers["etag"] == device.tag)
        #expect(server.isRunning)
    }

    @Test(arguments: kinds) func `200 parked polls wake, and come back whatever becomes of the server`(
        kind: RunningProxy.Kind
    ) async throws {
        let (server, proxy) = try await founded(kind)
        var devices: [(DeviceConnection, TestDevice)] = []
        for number in 0..<200 { devices.append(try await settled(number, proxy.agentPort)) }
        let ports = (server.agentPort, server.operatorPort)
        // Woken by a push, gone with a kill, let go by a shutdown.
        for round in 0..<3 {
            // A proxy closes those that were quiet for half a minute, which is not long on a busy machine.
            for index in devices.indices {
                devices[index].0 = try DeviceConnection(port: proxy.agentPort)
                try devices[index].1.ask(over: devices[index].0, wait: 200)
            }
            try await parked(200, server)
            switch round {
            case 0: try await publish("funDisabled", server)
            case 1: server.killAtOnce()
            default: #expect(server.stop() == 0)
            }
            for (connection, device) in devices {
                let answer = try? await connection.answer()
                switch round {
                case 0: #expect(answer?.status == 200)
                // The proxy says so in its own words, or closes the connection.
                case 1: #expect(answer.map { $0.status >= 500 } ?? true)
                // Who was parked is told that there is nothing new, through the proxy as well.
                default: #expect(answer?.status == 304)
                }
                if let answer, answer.status < 500 { try device.take(answer) }
            }
            if round > 0 {
                try server.start(["--agent", "127.0.0.1:\(ports.0)", "--operator", "127.0.0.1:\(ports.1)"])
            }
            for (_, device) in devices { try await comeBack(device, proxy) }
        }
    }

    @Test(arguments: kinds) func `what is refused before its body is read gets its answer`(
        kind: RunningProxy.Kind
    ) async throws {
        let (server, proxy) = try await founded(kind)
        let body = String(repeating: " ", count: 200_000)
        for number in 0..<30 {
            let connection = try DeviceConnection(port: proxy.agentPort)
            let isChunked = number.isMultiple(of: 2)
            let framing = isChunked ? "Transfer-Encoding: chunked\r\n\r\n30D40\r\n" : "Content-Length: 200000\r\n\r\n"
            try connection.send(
                "POST /v1/sync HTTP/1.1\r\nHost: t\r\n\(framing)\(body)\(isChunked ? "\r\n0\r\n\r\n" : "")")
            let answer = try await connection.answer()
            let code = try JSONReader.read(answer.body)["code"]?.string
            let expected = [401: "credential-missing", 413: "body-too-large"]
            #expect(code == expected[answer.status], "\(answer.status)")
        }
        #expect(server.isRunning)
    }

    @Test(arguments: kinds) func `a fleet of 1,000 takes a push through it`(kind: RunningProxy.Kind) async throws {
        let server = try await RunningServer.founded()
        let proxy = try RunningProxy(kind, before: server)
        let outcome = try await RunningServer.run(
            "consigne-sim",
            [
                "run", "push", "--handsets", "1000", "--agent", "http://127.0.0.1:\(proxy.agentPort)", "--operator",
                "http://127.0.0.1:\(proxy.operatorPort)", "--token-file", server.tokenFile,
            ])
        #expect(outcome.exitCode == 0, "\(outcome.output) \(outcome.errors)")
        #expect(outcome.output.contains("every handset holds what it must"))
    }

    private func founded(_ kind: RunningProxy.Kind) async throws -> (RunningServer, RunningProxy) {
        let server = try await RunningServer.founded()
        let proxy = try RunningProxy(kind, before: server)
        let unit = try #require(OrgPath("/g"))
        let grant = EnrolmentToken(
            hash: Digest(hashing: Array(Self.token.utf8)), unit: unit, tags: [], uses: 1_000,
            expires: Limits.integerMagnitude)
        let client = OperatorClient(
            server: "http://127.0.0.1:\(proxy.operatorPort)", token: try server.token, timeout: .seconds(20))
        _ = try await client.change(ChangeRequest(intent: "g", edits: [.createUnit(unit), .issueToken(grant)]))
        return (server, proxy)
    }

    private func settled(_ number: Int, _ port: Int) async throws -> (DeviceConnection, TestDevice) {
        let connection = try DeviceConnection(port: port)
        let device = TestDevice(credential: TestDevice.secret("device", number))
        #expect(try await device.enrol(token: Self.token, over: connection).status == 200)
        try await device.checkIn(over: connection)
        return (connection, device)
    }

    private func publish(_ setting: String, _ server: RunningServer) async throws {
        let policy = try #require(PolicyReference("/:base"))
        _ = try await server.client().change(
            ChangeRequest(
                intent: setting,
                edits: [
                    .putPolicy(policy, .object(["settings": .object([setting: .bool(true)])])),
                    .bind(policy, .unit(.root), nil),
                ]))
    }

    /// Waits until so many polls have reached the server.
    private func parked(_ count: Int, _ server: RunningServer) async throws {
        let connection = try DeviceConnection(port: server.operatorPort)
        var text = ""
        for _ in 0..<5_000 where !text.contains("parked_polls \(count)\n") {
            try connection.request("GET", "/metrics", [("Authorization", "Bearer \(try server.token)")])
            text = String(decoding: try await connection.answer().body, as: UTF8.self)
        }
        #expect(text.contains("parked_polls \(count)\n"))
    }

    /// Asks until the proxy has found the server again, half a minute at most.
    private func comeBack(_ device: TestDevice, _ proxy: RunningProxy) async throws {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            let connection = try DeviceConnection(port: proxy.agentPort)
            if let answer = try? await device.checkIn(over: connection), [200, 304].contains(answer.status) { return }
            _ = connection.hasAnswer(within: 50)
        }
        Issue.record("a device did not come back")
    }
}
