import Foundation
import Logging
import SyncClient
import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore
import SyncStoreSQLite
import TestSupport
import Testing

/// What the edge takes can be read for ever, from every place that keeps or sends it; one step more is refused.
@Suite(.serialized) struct AcceptedTests {
    static let key = "choosePrivateKeyRules"

    /// A value of the deepest nesting and of so many bytes in canonical form, the text's characters written as escapes.
    private static func value(bytes: Int, depth: Int = Limits.valueDepth, seed: Int = 0) throws -> JSONValue {
        var deep = JSONValue.string("deep")
        for _ in 1..<depth { deep = .object(["d": deep]) }
        let line = String(repeating: "\"", count: 30_000)
        var elements = [deep, .string("\(seed)")]
        func whole() -> Int { CanonicalWriter.count(of: .array(elements)) }
        while whole() + 2 * line.utf8.count + 3 <= bytes { elements.append(.string(line)) }
        let rest = bytes - whole() - 3
        if rest >= 0 { elements.append(.string(String(repeating: "x", count: rest))) }
        let value = JSONValue.array(elements)
        try #require(value.depth == depth && CanonicalWriter.count(of: value) == bytes)
        return value
    }

    @Test func `the largest and deepest values are read back from everywhere, and one step more is refused`()
        async throws
    {
        let server = try await RunningServer.founded()
        let client = try server.client()
        let policy = try #require(PolicyReference("/:large"))
        func put(_ values: [String: JSONValue], as client: OperatorClient, base: Seq?) async throws {
            _ = try await client.change(
                ChangeRequest(
                    intent: UUID().uuidString, mode: .merge,
                    edits: [.putPolicy(policy, .object(["settings": .object(values)]), base: base)]))
        }
        let first = try Self.value(bytes: Limits.settingBytes)
        try await put([Self.key: first], as: client, base: nil)
        let base = try #require(try await client.get("/v1/log", [("limit", "1")])["head"]?.integer)
        // The first wins; each who had not seen it is kept beside it, as many as are kept.
        for number in 1...(Limits.siblings + 2) {
            let token = TestDevice.secret("operator", number)
            let appointed = Operator(
                name: try #require(OperatorName("o\(number)")), role: .editor, unit: .root)
            _ = try await client.change(
                ChangeRequest(
                    intent: "o\(number)", edits: [.appoint(appointed, tokenHash: Digest(hashing: Array(token.utf8)))]))
            let other = OperatorClient(server: server.operatorURL, token: token, timeout: .seconds(20))
            let stale = number == 1 ? Seq(base) : Seq(base) - 1
            try await put(
                [Self.key: try Self.value(bytes: Limits.settingBytes, seed: number)], as: other, base: stale)
        }
        for (value, expected) in [
            (try Self.value(bytes: Limits.settingBytes + 1), "\(Limits.settingBytes) bytes"),
            (try Self.value(bytes: 2_000, depth: Limits.valueDepth + 1), "\(Limits.valueDepth) levels"),
        ] {
            let error = await #expect(throws: OperatorClient.Failure.self) {
                try await put([Self.key: value], as: client, base: nil)
            }
            guard case .refused(let refusal)? = error else { throw error ?? .notUnderstood("nothing was refused") }
            #expect(refusal.description.contains(expected), "\(refusal)")
        }
        try await bindAndEnrol(policy, server)
        try await expectEverywhere(server, policy)
        #expect(server.stop() == 0)
        try server.start()
        try await expectEverywhere(server, policy)
        #expect(server.stop() == 0)

        // From the floor: all of it is forgotten, and the state alone is left.
        try await compact(server.store)
        try server.start()
        try await expectEverywhere(server, policy)
        let copy = server.folder.path("copy")
        let backup = try await RunningServer.run("consigned", ["backup", "--store", server.store, "--to", copy])
        #expect(backup.exitCode == 0, "\(backup.errors)")
        let repair = try await RunningServer.run(
            "consigned", ["repair", "--store", copy, "--to", server.folder.path("repaired")])
        #expect(repair.exitCode == 0 && repair.output.contains("nothing is damaged"), "\(repair.errors)")
    }

    private static let token = TestDevice.secret("token", 1)

    private func bindAndEnrol(_ policy: PolicyReference, _ server: RunningServer) async throws {
        let grant = EnrolmentToken(
            hash: Digest(hashing: Array(Self.token.utf8)), unit: .root, tags: [], uses: 100, expires: 4_000_000_000_000)
        _ = try await server.client().change(
            ChangeRequest(intent: "bind", edits: [.bind(policy, .unit(.root), nil), .issueToken(grant)]))
    }

    private func expectEverywhere(_ server: RunningServer, _ policy: PolicyReference) async throws {
        let client = try server.client()
        let page = try await client.get("/v1/policy", [("name", policy.description)])
        let value = try #require(page["body"]?["settings"]?[Self.key])
        #expect(CanonicalWriter.count(of: value) == Limits.settingBytes && value.depth == Limits.valueDepth)
        let conflicts = try await client.get("/v1/conflicts", [])
        #expect(conflicts["conflicts"]?.array?.isEmpty == false)
        _ = try await client.get("/v1/policy/history", [("name", policy.description)])
        var after = try #require(try await client.get("/v1/log", [("limit", "1")])["floor"]?.integer ?? 0)
        while case let page = try await client.get("/v1/log", [("after", "\(after)")]), page["next"]?.integer != after {
            after = try #require(page["next"]?.integer)
        }
        // A strict reader within the bounds that the protocol sets takes the answer.
        let device = TestDevice(credential: TestDevice.secret("device", Int.random(in: 1...1_000_000_000)))
        let connection = try DeviceConnection(port: server.agentPort)
        #expect(try await device.enrol(token: Self.token, over: connection).status == 200)
        let answer = try await device.checkIn(over: connection)
        #expect(try SyncAnswer(try JSONReader.read(answer.body)).version > 0)
        #expect(device.document?[Self.key] == value)
    }

    private func compact(_ path: String) async throws {
        let store = try SQLiteStore(path: path)
        let later = Int64(Date().timeIntervalSince1970 * 1_000) + 86_400_000
        let engine = try await Engine.open(
            store, catalog: try Catalog.embedded(), logger: Logger(label: "later"), now: { later })
        #expect(try await engine.compact(before: later) != nil)
        try store.close()
    }

    @Test func `a user document is bounded at every door, and its device can always state it`() async throws {
        let server = try await RunningServer.founded()
        let client = try server.client()
        let policy = try #require(PolicyReference("/:empty"))
        _ = try await client.change(ChangeRequest(intent: "empty", edits: [.putPolicy(policy, .object([:]))]))
        try await bindAndEnrol(policy, server)
        let device = TestDevice(credential: TestDevice.secret("device", 1))
        let connection = try DeviceConnection(port: server.agentPort)
        let enrolled = try await device.enrol(token: Self.token, over: connection)
        let id = try #require(try JSONReader.read(enrolled.body)["device"]?.string.flatMap { DeviceID($0) })
        try await device.checkIn(over: connection)

        let key = "user.homeScreenLayout"
        func edit(_ value: JSONValue, _ number: UInt64) async throws -> JSONValue? {
            let body = JSONValue.object([
                "have": .string(device.have.description),
                "user": .object(["revision": .integer(0)]),
                "edits": .array([
                    .object([
                        "n": .integer(Int64(number)), "key": .string(key), "op": .string("set"), "value": value,
                        "seen": .integer(0),
                    ])
                ]),
            ])
            try connection.request(
                "POST", "/v1/sync", [("Authorization", "Bearer \(device.credential)")],
                body: CanonicalWriter.text(of: body))
            let answer = try await connection.answer()
            #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self).prefix(300))")
            return try JSONReader.read(answer.body)
        }
        func outcome(_ answer: JSONValue?) -> String? { answer?["edits"]?.array?.first?["outcome"]?.string }
        func nested(_ depth: Int) -> JSONValue {
            (1...depth).reduce(JSONValue.string("x")) { value, _ in .object(["d": value]) }
        }
        _ = try await edit(nested(Limits.valueDepth), 1)
        let deep = try await edit(nested(Limits.valueDepth + 1), 2)
        #expect("\(String(describing: deep))".contains("wrong-value"))
        // A null is refused, and nothing that is sent back has it.
        let null = try await edit(.object(["a": .object(["b": .null])]), 3)
        #expect("\(String(describing: null))".contains("wrong-value") && null.map { !hasNull($0) } == true)
        for number in 0..<70 {
            let value = JSONValue.string(String(repeating: "y", count: number < 40 ? 60_000 : 50_000))
            _ = try? await client.change(
                ChangeRequest(intent: "user \(number)", edits: [.editUser(id, UserEdit(key, .set, value), seen: nil)]))
        }
        let answer = try await device.checkIn(over: connection)
        #expect(answer.status == 200 && answer.body.count < WireLimits.deviceBodyBytes)
        let user = try await client.get("/v1/devices/\(id)/user", [])
        #expect(CanonicalWriter.count(of: user) > 50_000)
    }

    private func hasNull(_ json: JSONValue) -> Bool {
        switch json {
        case .null: true
        case .array(let elements): elements.contains(where: hasNull)
        case .object(let members): members.values.contains(where: hasNull)
        default: false
        }
    }
}
