import DeviceAgent
import SyncCore
import SyncEngine
import SyncProtocol
import TestSupport
import Testing

/// User documents on the wire, case by case.
@Suite struct UserTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog.embedded() }

    private func device(_ server: TestServer, _ hash: Digest) throws -> Device {
        try #require(server.engine.snapshot.world.device(credentialHash: hash))
    }

    @Test func `an edit made elsewhere wakes a parked poll, once`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            let id = try self.device(server, device.hash).id
            try device.ask(over: connection, wait: 60)
            #expect(!connection.hasAnswer(within: 200))
            let receipt = try await server.change([.editUser(id, UserEdit("user.language", .set, .string("br")))])
            let answer = try device.take(try await connection.answer())
            let body = try JSONReader.read(answer.body)
            #expect(body["result"] == .string("same") && body["document"] == nil)
            #expect(body["user"]?["document"] == .object(["user.language": .string("br")]))
            #expect(body["user"]?["revision"] == .integer(Int64(receipt.transaction.firstSeq)))
            #expect(try await device.checkIn(over: connection).status == 304)
            // Without the tag it is told again.
            try connection.request("GET", "/v1/sync", device.headers.filter { $0.0 != "If-None-Match" })
            let again = try JSONReader.read(try await connection.answer().body)
            #expect(again["result"] == .string("full") && again["user"]?["document"] != nil)
        }
    }

    @Test func `an edit that crosses a report is told at the next check-in, and once`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            let id = try self.device(server, device.hash).id
            // It has checked in and has not reported yet.
            try await server.change([.editUser(id, UserEdit("user.language", .set, .string("br")))])
            let report = try JSONReader.read(try await device.report(over: connection).body)
            #expect(report["result"] == .string("same") && report["user"] == nil)
            let told = try JSONReader.read(try await device.checkIn(over: connection).body)
            #expect(told["user"]?["document"] == .object(["user.language": .string("br")]))
            #expect(try await device.checkIn(over: connection).status == 304)
        }
    }

    @Test func `facts are in force in the answer to the report that has them`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            let policy = try #require(PolicyReference("/:old"))
            try await server.change([
                .putPolicy(policy, .object(["funDisabled": .bool(true)])),
                .bind(policy, .unit(.root), try Selector("fact.apiLevel<33")),
            ])
            try device.sendReport(over: connection, facts: .object(["apiLevel": .integer(32)]))
            _ = try device.take(try await connection.answer())
            #expect(device.document == .object(["funDisabled": .bool(true)]))
        }
    }

    @Test func `a personal value enters the log's hashes only salted`() async throws {
        try await TestServer.with { server in
            let device = try await server.settled(1, over: try server.connection())
            let id = try self.device(server, device.hash).id
            let edit = UserEdit("user.wifiNetworks", .put, .object(["ssid": .string("home")]))
            let receipt = try await server.change([.editUser(id, edit, seen: 0)])
            #expect(receipt.transaction.entries.allSatisfy { $0.salt?.count == 16 })
            #expect(receipt.transaction.entries.map { Change($0) } == [.userEdited(id, edit, seen: 0)])
        }
    }

    @Test func `an operator is told at once what the policy does not leave to the user`() async throws {
        try await TestServer.with { server in
            try await server.publish(["setWallpaperDisabled": .bool(true)])
            let device = try await server.settled(1, over: try server.connection())
            let id = try self.device(server, device.hash).id
            let head = server.engine.snapshot.world.seq
            let refused: [(UserEdit, UserRejection.Reason)] = [
                (UserEdit("user.wallpaperSha256", .set, .string("aa")), .gateClosed),
                (UserEdit("cameraAccess", .set, .string("x")), .notWritable),
                (UserEdit("user.favouriteApps", .put, .object([:])), .wrongValue),
            ]
            for (edit, reason) in refused {
                let refusal = await #expect(throws: Refusal.self) { try await server.apply([.editUser(id, edit)]) }
                guard case .userEditRefused(id, edit, let rejection) = refusal else {
                    Issue.record("\(String(describing: refusal))")
                    continue
                }
                #expect(rejection.reason == reason)
            }
            #expect(server.engine.snapshot.world.seq == head)
        }
    }

    @Test func `a handset that lost its counter loses no edit`() async throws {
        try await TestServer.with { server in
            let first = try PlayedHandset(1, token: server.token, port: server.listener.port)
            try await first.synchronise()
            for number in 0..<90 {
                first.edit(UserEdit("user.fontScalePercent", .set, .integer(Int64(number))), claimed: 0)
            }
            try await first.synchronise()
            #expect(first.handset.user.number == 90)
            // The same terminal without its memory.
            let second = try PlayedHandset(1, token: server.token, port: server.listener.port)
            try await second.synchronise()
            for name in ["a", "b", "c"] {
                second.edit(UserEdit("user.favouriteApps", .add, .array([.string(name)])), claimed: 0)
            }
            try await second.synchronise()
            #expect(second.handset.user.waiting.isEmpty && second.handset.user.number == 93)
            #expect(
                second.handset.user.values(catalog) == [
                    "user.fontScalePercent": .integer(89),
                    "user.favouriteApps": .array([.string("a"), .string("b"), .string("c")]),
                ])
        }
    }

    @Test func `the terminal that replaces another has what was set there, from its first check-in`() async throws {
        try await TestServer.with { server in
            let old = try PlayedHandset(1, token: server.token, port: server.listener.port)
            try await old.synchronise()
            old.edit(UserEdit("user.language", .set, .string("br")), claimed: 0)
            try await old.synchronise()
            let unit = try #require(OrgPath("/g"))
            let token = TestDevice.secret("lot", 2)
            let provision = Provision(
                serial: "S2", model: "M", unit: unit, tags: [], tokenHash: Digest(hashing: Array(token.utf8)),
                expires: 3_000_000_000_000)
            let delivered = try await server.change([.provision([provision])])
            let new = DeviceID(seq: delivered.transaction.firstSeq)
            let receipt = try await server.change([.replace(try device(server, old.hash).id, with: new)])
            #expect(receipt.notes.contains { $0.contains("still enrolled") })
            let handset = try PlayedHandset(2, token: token, port: server.listener.port)
            try await handset.synchronise()
            #expect(handset.handset.user.values(catalog) == ["user.language": .string("br")])
            // And it counts on from nothing.
            handset.edit(UserEdit("user.language", .set, .string("oc")), claimed: 0)
            try await handset.synchronise()
            #expect(try await server.engine.userDocument(of: new)?.values(catalog)["user.language"] == .string("oc"))
            #expect(old.handset.user.values(catalog) == ["user.language": .string("br")])
        }
    }

    @Test(arguments: [
        (#"{"have":"3.1.-","edits":[{"n":1,"key":"a","op":"unset"}]}"#, "user"),
        (#"{"have":"3.1.-","user":{},"edits":[{"n":0,"key":"a","op":"unset"}]}"#, "edits[0].n"),
        (#"{"have":"3.1.-","user":{},"edits":[{"n":1,"key":"a","op":"erase"}]}"#, "edits[0].op"),
        (#"{"have":"3.1.-","user":{},"edits":[{"n":1,"key":"","op":"unset"}]}"#, "edits[0].key"),
        (#"{"have":"3.1.-","user":{},"edits":[{"n":1,"key":"a","op":"unset","x":1}]}"#, "edits[0].x"),
        (#"{"have":"3.1.-","user":{"revision":-1}}"#, "user.revision"),
        (#"{"have":"3.1.-","user":{"document":{}}}"#, "user.epoch"),
        (#"{"have":"3.1.-","user":{"document":[],"epoch":1,"n":1}}"#, "user.document"),
    ])
    func `a malformed part is named and nothing is taken`(body: String, field: String) async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            try connection.request(
                "POST", "/v1/sync", [("Authorization", "Bearer \(device.credential)")], body: body)
            let answer = try await connection.answer()
            #expect(answer.status == 400)
            let problem = try JSONReader.read(answer.body)
            #expect(problem["details"]?.array?.first?["field"] == .string(field))
        }
    }
}
