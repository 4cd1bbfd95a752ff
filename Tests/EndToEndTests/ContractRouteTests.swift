import Foundation
import SyncClient
import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// Every route of both listeners is asked of the shipped server, of a fleet that has something of everything; the
/// connection holds each answer against `Protocol/openapi.yaml`.
@Suite struct ContractRouteTests {
    private static let token = TestDevice.secret("token", 1)
    private static let policy = "/g:lock"

    @Test func `every route answers as the text says`() async throws {
        let server = try await RunningServer.founded()
        let device = try await furnish(server)
        let position = try await head(server)
        let asked = [
            "/health/live", "/health/ready", "/v1/me", "/v1/status?under=/g&silentFor=5", "/v1/status?policy=/g:lock",
            "/v1/units", "/v1/policies?under=/g", "/v1/policies?at=3", "/v1/policy?name=/g:lock", "/v1/conflicts",
            "/v1/policy/history?name=/g:lock", "/v1/assignments", "/v1/assignments?under=/g", "/v1/tokens",
            "/v1/operators", "/v1/devices", "/v1/devices?limit=1&nonCompliant=cameraAccess", "/v1/devices/\(device)",
            "/v1/devices/\(device)?at=\(position)", "/v1/devices/\(device)/explain",
            "/v1/devices/\(device)/user", "/v1/log?limit=1000", "/metrics",
        ]
        let connection = try DeviceConnection(port: server.operatorPort)
        let header = [("Authorization", "Bearer \(try server.token)")]
        for path in asked {
            try connection.request("GET", path, header)
            let answer = try await connection.answer()
            #expect(answer.status == 200, "\(path): \(String(decoding: answer.body.prefix(300), as: UTF8.self))")
        }
        try await refuse(server, connection, header)
        #expect(try missing(among: asked, device) == [], "routes that this test does not ask")
    }

    /// Routes of operators that are read, less those asked.
    private func missing(among asked: [String], _ device: String) throws -> [String] {
        let templates = asked.map {
            String($0.prefix { $0 != "?" }).replacingOccurrences(of: "/\(device)", with: "/{id}")
        }
        let paths = try #require(try Contract.shared.get().text["paths"]?.object)
        let read = paths.filter { $0.value["get"]?["tags"] == .array([.string("operator")]) }.keys
        return Set(read).subtracting(templates).sorted()
    }

    private func head(_ server: RunningServer) async throws -> Int64 {
        try #require(try await server.client().get("/health/ready")["seq"]?.integer)
    }

    /// A policy with an open conflict, an incident, an operator, and a device that said all that it can.
    ///
    /// - Returns: the device.
    private func furnish(_ server: RunningServer) async throws -> String {
        let client = try server.client()
        let (unit, policy) = (try #require(OrgPath("/g")), try #require(PolicyReference(Self.policy)))
        let eve = Operator(name: try #require(OperatorName("eve")), role: .viewer, unit: unit)
        let grant = EnrolmentToken(
            hash: Digest(hashing: Array(Self.token.utf8)), unit: unit, tags: [], uses: 5,
            expires: Limits.integerMagnitude)
        let soon = Int64(Date().timeIntervalSince1970 * 1_000) + 3_600_000
        let spare = try Selector("!spare")
        let founding = ChangeRequest(
            intent: "found", reason: "a start",
            edits: [
                .createUnit(unit), .issueToken(grant), .appoint(eve, tokenHash: Digest(hashing: [7])),
                .putPolicy(policy, .object(["maximumTimeToLock": .integer(60_000), "cameraAccess": camera])),
                .bind(policy, .unit(unit), nil), .bind(policy, .unit(unit), spare, incidentUntil: soon),
            ])
        _ = try await client.plan(founding)
        let seq = try #require(try await client.change(founding)["seq"]?.integer.flatMap { Seq(exactly: $0) })
        for (intent, time) in [("one", 50_000), ("two", 40_000)] {
            let body: JSONValue = .object(["maximumTimeToLock": .integer(Int64(time)), "cameraAccess": camera])
            _ = try await client.change(
                ChangeRequest(intent: intent, mode: .merge, base: seq, edits: [.putPolicy(policy, body)]))
        }
        let connection = try DeviceConnection(port: server.agentPort)
        let device = TestDevice(credential: TestDevice.secret("device", 1))
        let enrolled = try await device.enrol(token: Self.token, serial: "S1", over: connection)
        let name = try #require(try JSONReader.read(enrolled.body)["device"]?.string)
        try await device.checkIn(over: connection)
        try await device.report(over: connection, nonCompliance: [("cameraAccess", "API_LEVEL")])
        let id = try #require(DeviceID(name))
        let language = UserEdit("user.language", .set, .string("br"))
        _ = try await client.change(ChangeRequest(intent: "user", edits: [.editUser(id, language)]))
        try await device.checkIn(over: connection)
        return name
    }

    private let camera = JSONValue.string("CAMERA_ACCESS_DISABLED")

    /// What is refused, in both listeners' words.
    private func refuse(
        _ server: RunningServer, _ connection: DeviceConnection, _ header: [(String, String)]
    ) async throws {
        let policy = try #require(PolicyReference(Self.policy))
        func put(_ settings: [String: JSONValue]) -> [Edit] { [.putPolicy(policy, .object(settings), base: 1)] }
        let refused: [(ChangeRequest, Int)] = [
            (ChangeRequest(intent: "crossed", edits: put(["maximumTimeToLock": .integer(30_000)])), 409),
            (ChangeRequest(intent: "wrong", edits: put(["cameraAccess": .integer(7)])), 422),
            (ChangeRequest(intent: "ahead", base: 9_999, edits: [.putPolicy(policy, .object([:]))]), 409),
            (ChangeRequest(intent: "forced", mode: .force, edits: put(["maximumTimeToLock": .integer(30_000)])), 400),
        ]
        for (change, status) in refused {
            try connection.request("POST", "/v1/changes", header, body: CanonicalWriter.text(of: change.json))
            let answer = try await connection.answer()
            let text = String(decoding: answer.body.prefix(300), as: UTF8.self)
            #expect(answer.status == status, "\(change.intent): \(text)")
        }
        for (path, status) in [("/v1/policy?name=/:none", 404), ("/v1/log?epoch=1", 409), ("/v1/units?x=1", 400)] {
            try connection.request("GET", path, header)
            #expect(try await connection.answer().status == status, "\(path)")
        }
        let agents = try DeviceConnection(port: server.agentPort)
        try agents.request("GET", "/health")
        #expect(try await agents.answer().status == 200)
        try agents.request("GET", "/v1/sync", [("Authorization", "Bearer nobody")])
        #expect(try await agents.answer().status == 401)
    }
}
