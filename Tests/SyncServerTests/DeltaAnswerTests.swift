import DeviceAgent
import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// What changed instead of the whole document, over a real socket.
@Suite struct DeltaAnswerTests {
    private static let baseline: [String: JSONValue] = [
        "maximumTimeToLock": .integer(600_000), "smsDisabled": .bool(true), "bluetoothDisabled": .bool(true),
        "applications": .array((0..<40).map { .object(["packageName": .string("fr.example.app\($0)")]) }),
    ]

    private func pushed(_ changes: [String: JSONValue]) -> [String: JSONValue] { Self.baseline.merging(changes) { $1 } }

    @Test func `who accepts a delta gets one, and who does not gets the document`() async throws {
        try await TestServer.with { server in
            try await server.publish(Self.baseline)
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            try await server.publish(pushed(["maximumTimeToLock": .integer(60_000)]))
            let asked = device.headers + [("Consigne-Accept", "delta")]
            try connection.request("GET", "/v1/sync", asked)
            let answer = try JSONReader.read(try await connection.answer().body)
            #expect(answer["result"] == .string("delta") && answer["document"] == nil)
            #expect(answer["delta"] == .object(["set": .object(["maximumTimeToLock": .integer(60_000)])]))
            let delta = try #require(answer["delta"].flatMap { Delta($0) })
            let made = JSONValue.object(delta.applied(to: device.document?.object ?? [:]))
            #expect(
                answer["digest"] == .string(Digest(hashing: CanonicalWriter.bytes(of: made)).description))
            try connection.request("GET", "/v1/sync", device.headers)
            #expect(try JSONReader.read(try await connection.answer().body)["result"] == .string("full"))
            // Something that the server never made: there is nothing to start from.
            let strange = Have(epoch: 3, version: device.have.version, digest: Digest(hashing: [9]))
            try connection.request(
                "GET", "/v1/sync",
                [
                    ("Authorization", "Bearer \(device.credential)"), ("Consigne-Have", strange.description),
                    ("Consigne-Accept", "delta"),
                ])
            #expect(try JSONReader.read(try await connection.answer().body)["result"] == .string("full"))
        }
    }

    @Test func `a report is answered with what changed too`() async throws {
        try await TestServer.with { server in
            try await server.publish(Self.baseline)
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            try await server.publish(pushed(["maximumTimeToLock": .integer(60_000)]))
            let body = JSONValue.object([
                "have": .string(device.have.description), "report": .object(["n": .integer(1)]),
            ])
            let asked = [("Authorization", "Bearer \(device.credential)"), ("Consigne-Accept", "delta")]
            try connection.request("POST", "/v1/sync", asked, body: CanonicalWriter.text(of: body))
            #expect(try JSONReader.read(try await connection.answer().body)["result"] == .string("delta"))
            try connection.request("POST", "/v1/sync", [asked[0]], body: CanonicalWriter.text(of: body))
            #expect(try JSONReader.read(try await connection.answer().body)["result"] == .string("full"))
        }
    }

    @Test func `a delta that saves less than half is not sent`() async throws {
        try await TestServer.with { server in
            try await server.publish(["smsDisabled": .bool(true)])
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            try await server.publish(["smsDisabled": .bool(false)])
            try connection.request("GET", "/v1/sync", device.headers + [("Consigne-Accept", "delta")])
            #expect(try JSONReader.read(try await connection.answer().body)["result"] == .string("full"))
        }
    }

    @Test func `a delta that is more than the compressed document is not sent`() async throws {
        try await TestServer.with { server in
            try await server.publish(Self.baseline)
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            let others = (0..<8).map { JSONValue.object(["packageName": .string("fr.example.other\($0)")]) }
            let kept = Self.baseline["applications"]?.array?.dropFirst(8) ?? []
            try await server.publish(pushed(["applications": .array(others + kept)]))
            let delta = Delta(
                from: Self.baseline, to: pushed(["applications": .array(others + kept)]), catalog: try .embedded())
            try connection.request("GET", "/v1/sync", device.headers + [("Consigne-Accept", "delta")])
            let answer = try JSONReader.read(try await connection.answer().body)
            let whole = CanonicalWriter.bytes(of: answer["document"] ?? .object([:])).count
            #expect(CanonicalWriter.bytes(of: delta.json).count * 2 < whole, "a delta that saves more than half")
            #expect(answer["result"] == .string("full"))
        }
    }

    @Test func `handsets that missed pushes come by deltas to what they must hold`() async throws {
        var generator = SeededGenerator(for: "handsets and deltas")
        try await TestServer.with { server in
            try await server.publish(Self.baseline)
            var handsets: [PlayedHandset] = []
            for number in 0..<6 {
                handsets.append(try PlayedHandset(number, token: server.token, port: server.listener.port))
            }
            for round in 0..<60 {
                var changes: [String: JSONValue] = ["maximumTimeToLock": .integer(Int64(round + 1) * 1_000)]
                if Bool.random(using: &generator) { changes["smsDisabled"] = .bool(round % 2 == 0) }
                let dropped = Int.random(in: 0..<40, using: &generator)
                changes["applications"] = .array(
                    (0..<40).filter { $0 != dropped }.map { .object(["packageName": .string("fr.example.app\($0)")]) })
                try await server.publish(pushed(changes))
                for handset in handsets where Int.random(in: 0..<3, using: &generator) > 0 {
                    try await handset.synchronise(losing: Int.random(in: 0...1, using: &generator))
                }
            }
            var deltas = 0
            for handset in handsets {
                try await handset.synchronise()
                let device = try #require(server.engine.snapshot.world.device(credentialHash: handset.hash))
                let resolution = try server.engine.explain(device.id, for: server.admin)
                #expect(handset.handset.digest == Digest(hashing: CanonicalWriter.bytes(of: resolution.document)))
                #expect(handset.handset.document == CanonicalWriter.bytes(of: resolution.document))
                #expect(handset.handset.fault == nil)
                #expect(handset.packed > 0)
                deltas += handset.deltas
            }
            #expect(deltas > 100, "\(deltas) deltas")
        }
    }
}
