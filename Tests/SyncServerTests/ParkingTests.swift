import Foundation
import Logging
import NIOCore
import NIOEmbedded
import SyncCore
import SyncEngine
import SyncStore
import Synchronization
import TestSupport
import Testing

@testable import SyncServer

/// Parked polls: one a device, none left behind.
@Suite struct ParkingTests {
    /// Resolvers that stand still while their gate is shut.
    private final class Resolvers: Sendable {
        private let isShut = Mutex(false)
        private let opened = NSCondition()

        func shut() { isShut.withLock { $0 = true } }

        func open() {
            opened.lock()
            isShut.withLock { $0 = false }
            opened.broadcast()
            opened.unlock()
        }

        func pack(_ bytes: [UInt8]) -> PackedBytes? {
            opened.lock()
            while isShut.withLock({ $0 }) { opened.wait() }
            opened.unlock()
            return GzipMember.pack(bytes)
        }
    }

    /// Two threads that connect and go, again and again.
    private final class Storm: Sendable {
        private let isOver = Atomic<Bool>(false)

        func begin(port: Int) {
            for _ in 0..<2 {
                Thread.detachNewThread {
                    while !self.isOver.load(ordering: .relaxed) { _ = try? DeviceConnection(port: port) }
                }
            }
        }

        func end() { isOver.store(true, ordering: .relaxed) }
    }

    @Test func `polls that leave while their class resolves leave nothing behind`() async throws {
        let resolvers = Resolvers()
        // Whatever fails, the resolvers are to end.
        defer { resolvers.open() }
        let settings = AgentSettings(threads: 2, maximumConnections: 1_000, maximumParked: 100)
        try await TestServer.with(settings: settings, pack: resolvers.pack) { server in
            var devices: [(DeviceConnection, TestDevice)] = []
            for number in 0..<100 {
                let connection = try server.connection()
                devices.append((connection, try await server.settled(number, over: connection)))
            }
            try await server.publish(["maximumTimeToLock": .integer(60_000)])
            for (connection, device) in devices { try await device.checkIn(over: connection) }
            resolvers.shut()
            // Another class, of the same values: who asks waits for it, and would be parked then.
            let looser = try #require(PolicyReference("/g:looser"))
            try await server.change([
                .putPolicy(looser, .object(["maximumTimeToLock": .integer(900_000)])),
                .bind(looser, .unit(try #require(OrgPath("/g"))), nil),
            ])
            for (connection, device) in devices { try device.ask(over: connection, wait: 60) }
            for (connection, _) in devices { #expect(!connection.hasAnswer(within: 0)) }
            let places = devices.map(\.1)
            devices.removeAll()
            try await server.eventually("the connections went") { $0.connections == 0 }
            resolvers.open()
            // Whoever asks now is answered behind all that waited.
            let last = try server.connection()
            try await places[0].checkIn(over: last)
            for _ in 0..<2 { #expect(await server.listener.load().parked == 0) }
            for device in places {
                let connection = try server.connection()
                try device.ask(over: connection, wait: 60)
                devices.append((connection, device))
            }
            try await server.eventually("honest ones are parked") { $0.parked == 100 }
            #expect(await server.listener.load().unparked == 0)
        }
    }

    @Test func `a newer poll of a device ends the older one, on whatever loop`() async throws {
        try await TestServer.with(settings: AgentSettings(threads: 3, maximumConnections: 1_000)) { server in
            let first = try server.connection()
            let device = try await server.settled(1, over: first)
            try device.ask(over: first, wait: 200)
            var older = first
            for _ in 0..<12 {
                let newer = try server.connection()
                try device.ask(over: newer, wait: 200)
                #expect(try await older.answer().status == 304)
                older = newer
            }
            #expect(await server.listener.load().parked == 1)
            try await server.publish(["funDisabled": .bool(true)])
            #expect(try await older.answer().status == 200)
            #expect(await server.listener.load().parked == 0)
            #expect(server.listener.parkedDevices == 0)
        }
    }

    @Test func `one credential takes one place, however many connections it has`() async throws {
        let settings = AgentSettings(threads: 2, maximumConnections: 1_000, maximumParked: 8)
        try await TestServer.with(settings: settings) { server in
            let connection = try server.connection()
            let greedy = try await server.settled(1, over: connection)
            let many = try (0..<60).map { _ in try server.connection() }
            for each in many { try greedy.ask(over: each, wait: 200) }
            try await server.eventually("one is left") { $0.parked == 1 }
            let other = try server.connection()
            let honest = try await server.settled(2, over: other)
            try honest.ask(over: other, wait: 200)
            try await server.eventually("another is parked") { $0.parked == 2 }
            #expect(!other.hasAnswer(within: 0))
        }
    }

    /// It tells of its end by being removed, and by nothing else.
    @Test func `a connection that ends before it was active is forgotten`() async throws {
        try await TestServer.with { server in
            let channel = EmbeddedChannel()
            let pipeline = AgentPipeline(
                engine: server.engine, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
                settings: AgentSettings(threads: 1, maximumConnections: 10), loop: channel.eventLoop, now: { 0 })
            try pipeline.serve(channel)
            #expect(pipeline.agents.load.connections == 1)
            channel.close(promise: nil)
            channel.embeddedEventLoop.run()
            #expect(pipeline.agents.load.connections == 0)
            let promise = channel.eventLoop.makePromise(of: Void.self)
            pipeline.agents.shutDown(promise)
            try await promise.futureResult.get()
        }
    }

    @Test(.timeLimit(.minutes(2))) func `a shutdown ends under a storm of connections`() async throws {
        for _ in 0..<20 {
            let storm = Storm()
            try await TestServer.with(settings: AgentSettings(threads: 2, maximumConnections: 200)) { server in
                storm.begin(port: server.listener.port)
                try await server.eventually("somebody came") { $0.connections > 0 }
            }
            storm.end()
        }
    }

    @Test func `few connections leave room to park, too`() {
        #expect(AgentSettings(threads: 1, maximumConnections: 40).maximumParked == 38)
        #expect(AgentSettings(threads: 1, maximumConnections: 18_000).maximumParked == 17_100)
    }
}
