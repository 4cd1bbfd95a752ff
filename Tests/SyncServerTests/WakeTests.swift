import SyncCore
import SyncEngine
import TestSupport
import Testing
import Synchronization

/// Whether the last publish was acknowledged.
private final class Published: Sendable {
    let isOver = Atomic<Bool>(false)
}

/// Parked polls: woken by what concerns them, by nothing else, and never slept through.
@Suite(.serialized) struct WakeTests {
    @Test func `1,000 publishes racing 1,000 parked polls: none is slept through`() async throws {
        try await TestServer.with { server in
            var devices: [(DeviceConnection, TestDevice)] = []
            for number in 0..<1_000 {
                let connection = try server.connection()
                let device = try await server.settled(number, over: connection)
                try device.ask(over: connection, wait: 200)
                devices.append((connection, device))
            }
            let published = Published()
            let publisher = Task {
                defer { published.isOver.store(true, ordering: .relaxed) }
                for round in 1...1_000 { try await server.publish(["maximumTimeToLock": .integer(Int64(round))]) }
            }
            let last = JSONValue.object(["maximumTimeToLock": .integer(1_000)])
            var waiting = Array(devices.indices)
            var answers = 0
            var rounds = 0
            while !waiting.isEmpty {
                // A poll slept through stays quiet for 200 seconds; ten without any answer after the last publish fail.
                var isQuiet = true
                for index in waiting {
                    let (connection, device) = devices[index]
                    guard connection.hasAnswer(within: 0) else { continue }
                    isQuiet = false
                    answers += 1
                    let version = device.have.version
                    try device.take(try await connection.answer())
                    #expect(device.have.version >= version, "a version went back")
                    if device.document != last { try device.ask(over: connection, wait: 200) }
                }
                waiting.removeAll { devices[$0].1.document == last }
                rounds = isQuiet && published.isOver.load(ordering: .relaxed) ? rounds + 1 : 0
                guard rounds < 2_000 else { break }
                if isQuiet, let first = waiting.first { _ = devices[first].0.hasAnswer(within: 5) }
            }
            try await publisher.value
            #expect(waiting.isEmpty, "\(waiting.count) polls were slept through")
            print("1,000 publishes, 1,000 devices, \(answers) answers")
        }
    }

    @Test func `what leaves a device's values as they were wakes nobody`() async throws {
        try await TestServer.with { server in
            try await server.publish(["maximumTimeToLock": .integer(60_000)])
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            try device.ask(over: connection, wait: 100)
            let (looser, unit) = (try #require(PolicyReference("/g:looser")), try #require(OrgPath("/g")))
            try await server.change([
                .putPolicy(looser, .object(["maximumTimeToLock": .integer(900_000)])), .bind(looser, .unit(unit), nil),
            ])
            #expect(!connection.hasAnswer(within: 300))
            try await server.publish(["maximumTimeToLock": .integer(30_000)])
            #expect(try await connection.answer(within: 5_000).status == 200)
        }
    }

    @Test func `a push to another unit wakes nobody here, a move does`() async throws {
        try await TestServer.with { server in
            let (other, policy) = (try #require(OrgPath("/g/other")), try #require(PolicyReference("/g:other")))
            try await server.change([.createUnit(other)])
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            try device.ask(over: connection, wait: 100)
            try await server.change([
                .putPolicy(policy, .object(["smsDisabled": .bool(true)])), .bind(policy, .unit(other), nil),
            ])
            #expect(!connection.hasAnswer(within: 300))
            let id = try #require(server.engine.snapshot.world.device(credentialHash: device.hash)?.id)
            try await server.change([.move(id, to: other)])
            try device.take(try await connection.answer(within: 5_000))
            #expect(device.document?["smsDisabled"] == .bool(true))
        }
    }

    @Test func `a revoked device's parked poll ends with 401`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            try device.ask(over: connection, wait: 100)
            let id = try #require(server.engine.snapshot.world.device(credentialHash: device.hash)?.id)
            try await server.change([.revoke(id)])
            #expect(try await connection.answer(within: 5_000).status == 401)
        }
    }
}
