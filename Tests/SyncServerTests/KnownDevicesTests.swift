import SyncCore
import SyncEngine
import SyncProtocol
import TestSupport
import Testing

@testable import SyncServer

/// What a connection remembers of those who asked on it is never more than what the fleet knows.
@Suite struct KnownDevicesTests {
    /// More devices than a connection remembers, in no order, while some of them are moved or revoked and others enrol.
    @Test func `a connection knows of a device what the present World knows`() async throws {
        var generator = SeededGenerator(for: "known devices")
        try await TestServer.with { server in
            let other = try #require(OrgPath("/g/h"))
            try await server.change([.createUnit(other)])
            let connection = try server.connection()
            var devices: [TestDevice] = []
            for number in 1...12 { devices.append(try await server.settled(number, over: connection)) }
            var known = KnownDevices()
            var found = 0
            for round in 0..<400 {
                let asked = try #require(devices.randomElement(using: &generator))
                if round % 8 == 7, let device = server.engine.snapshot.world.device(credentialHash: asked.hash) {
                    let isRevoked = Bool.random(using: &generator)
                    try await server.change(
                        [isRevoked ? .revoke(device.id) : .move(device.id, to: other)], intent: "round \(round)")
                    if isRevoked { devices.append(try await server.settled(devices.count + 1, over: connection)) }
                }
                let hash = try #require(devices.randomElement(using: &generator)).hash
                let snapshot = server.engine.snapshot
                let device = known.device(hash, in: snapshot)
                #expect(device === snapshot.world.device(credentialHash: hash), "round \(round)")
                found += device == nil ? 0 : 1
            }
            #expect(found > 100 && known.device(Digest(hashing: [7]), in: server.engine.snapshot) == nil)
        }
    }

    @Test func `devices that share a connection are each told what is theirs, until they are revoked`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let devices = [
                try await server.settled(1, over: connection), try await server.settled(2, over: connection),
            ]
            for device in devices { #expect(try await device.checkIn(over: connection).status == 304) }
            let first = try #require(server.engine.snapshot.world.device(credentialHash: devices[0].hash))
            let other = try #require(OrgPath("/g/h"))
            let policy = try #require(PolicyReference("/g/h:p"))
            try await server.change([
                .createUnit(other), .putPolicy(policy, .object(["smsDisabled": .bool(true)])),
                .bind(policy, .unit(other), nil), .move(first.id, to: other),
            ])
            for device in devices { try await device.checkIn(over: connection) }
            #expect(devices.map { $0.document?["smsDisabled"] } == [.bool(true), nil])
            try await server.change([.revoke(first.id)])
            #expect(try await devices[0].checkIn(over: connection).status == 401)
            #expect(try await devices[1].checkIn(over: connection).status == 304)
        }
    }
}
