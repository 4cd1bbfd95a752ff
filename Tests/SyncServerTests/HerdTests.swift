import SyncCore
import SyncEngine
import SyncStore
import TestSupport
import Testing

@testable import SyncServer

/// Many devices at once, over real sockets.
@Suite struct HerdTests {
    private func settings(
        connections: Int = 1_000, parked: Int? = nil, rate: Int = 0, threads: Int = 2, writes: Int? = nil
    ) -> AgentSettings {
        var settings = AgentSettings(
            threads: threads, maximumConnections: connections, maximumParked: parked, releaseRate: rate)
        if let writes { settings.writesUnderWay = writes }
        return settings
    }

    @Test(arguments: [0, 30, 5_000])
    func `whatever the rate, every poll that is concerned is let go`(rate: Int) async throws {
        try await TestServer.with(settings: settings(rate: rate)) { server in
            var parked: [(DeviceConnection, TestDevice)] = []
            for number in 0..<24 {
                let connection = try server.connection()
                let device = try await server.settled(number, over: connection)
                try device.ask(over: connection, wait: 60)
                parked.append((connection, device))
            }
            for (connection, _) in parked.suffix(1) { #expect(!connection.hasAnswer(within: 50)) }
            try await server.publish(["funDisabled": .bool(true)])
            // While some still wait, more comes: who was let go gets it by asking, who was not with what he waits for.
            try await server.publish(["funDisabled": .bool(true), "smsDisabled": .bool(true)])
            for (connection, device) in parked {
                try device.take(try await connection.answer())
                while device.document?["smsDisabled"] == nil { try await device.checkIn(over: connection, wait: 60) }
            }
        }
    }

    @Test func `near the limit a device is told when to come back, and beyond it turned away`() async throws {
        var settings = settings(connections: 40)
        settings.spareSeconds = 60
        try await TestServer.with(settings: settings) { server in
            var open: [DeviceConnection] = []
            for _ in 0..<38 {
                open.append(try server.connection())
                try open.last?.request("GET", "/health")
                #expect(try await open.last?.answer().status == 200)
            }
            let told = try server.connection()
            // Its body is not waited for.
            try told.send("POST /v1/enrol HTTP/1.1\r\nHost: t\r\nContent-Length: 60000\r\n\r\n")
            let answer = try await told.answer()
            #expect(answer.status == 503 && answer.headers["connection"] == "close")
            #expect(try JSONReader.read(answer.body)["code"] == .string("no-room"))
            #expect((answer.headers["retry-after"].flatMap { Int($0) } ?? 0) >= 1)
            await #expect(throws: DeviceConnection.Failure.closed) { try await told.answer() }
            let refused = await server.listener.load()
            #expect(refused.refused == 1 && refused.warnings.first { $0.kind == .noRoom }?.count == 1)
            // Those who hold on to a place without asking for anything.
            let held = [try server.connection(), try server.connection()]
            // Connections are counted on two loops: these two may be seen after one that comes later.
            var load = await server.listener.load()
            for _ in 0..<10_000 where load.connections != 40 { load = await server.listener.load() }
            let beyond = try server.connection()
            try? beyond.request("GET", "/health")
            await #expect(throws: DeviceConnection.Failure.self) { try await beyond.answer() }
            open.removeAll()
            _ = held
        }
    }

    @Test func `who finds no place to park is answered at once, with the pace of quiet times`() async throws {
        try await TestServer.with(settings: settings(parked: 0)) { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            let answer = try await device.checkIn(over: connection, wait: 60)
            #expect(answer.status == 304 && answer.headers["retry-after"] == "900")
            let load = await server.listener.load()
            #expect(load.unparked == 1 && load.parked == 0 && load.refused == 0)
        }
    }

    @Test func `who sends a head and no body keeps nobody out`() async throws {
        try await TestServer.with(settings: settings(threads: 1, writes: 1)) { server in
            let idlers = try (0..<20).map { _ in
                let idler = try server.connection()
                try idler.send("POST /v1/enrol HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\n")
                return idler
            }
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            #expect(try await device.report(over: connection).status == 200)
            for idler in idlers { #expect(!idler.hasAnswer(within: 0)) }
        }
    }

    @Test func `who only takes places goes for who finds none, and nobody whose poll is parked`() async throws {
        var settings = settings(connections: 40, threads: 1)
        settings.spareSeconds = 0
        try await TestServer.with(settings: settings) { server in
            let first = try server.connection()
            let device = try await server.settled(1, over: first)
            try device.ask(over: first, wait: 60)
            // Each asks something, so that it is no longer waited for as one that never did.
            var strangers: [DeviceConnection] = []
            for _ in 0..<37 {
                let stranger = try server.connection()
                try stranger.request("GET", "/health")
                #expect(try await stranger.answer().status == 200)
                strangers.append(stranger)
            }
            for number in 2...4 {
                let connection = try server.connection()
                _ = try await server.settled(number, over: connection)
            }
            let load = await server.listener.load()
            #expect(load.parked == 1 && load.refused == 0 && load.closedForRoom > 0, "\(load)")
            try await server.publish(["funDisabled": .bool(true)])
            #expect(try await first.answer().status == 200)
            for stranger in strangers { try? stranger.request("GET", "/health") }
            var left = 0
            for stranger in strangers where (try? await stranger.answer()) != nil { left += 1 }
            #expect(left < strangers.count)
        }
    }

    @Test func `one device with many busy connections keeps no others out`() async throws {
        var settings = settings(connections: 40, threads: 1)
        settings.spareSeconds = 600
        try await TestServer.with(settings: settings) { server in
            let first = try server.connection()
            let greedy = try await server.settled(1, over: first)
            var many = [first]
            for _ in 0..<37 {
                let connection = try server.connection()
                #expect(try await greedy.checkIn(over: connection).status == 304)
                many.append(connection)
            }
            for number in 2...4 {
                let connection = try server.connection()
                _ = try await server.settled(number, over: connection)
            }
            let load = await server.listener.load()
            #expect(load.refused == 0 && load.closedForRoom > 0, "\(load)")
        }
    }

    @Test func `who goes before his answer makes the writer's queue no shorter`() async throws {
        let store = GatedStore(MemoryStore(epoch: 3))
        try await TestServer.with(store, settings: settings(threads: 1, writes: 1)) { server in
            // Whatever fails, the server is to end.
            defer { store.open() }
            let connection = try server.connection()
            let device = try await server.settled(2, over: connection)
            do {
                let other = try server.connection()
                let gone = try await server.settled(1, over: other)
                store.shut()
                try gone.sendReport(over: other)
            }
            var load = await server.listener.load()
            for _ in 0..<1_000 where load.connections > 1 { load = await server.listener.load() }
            #expect(load.connections == 1)
            let answer = try await device.report(over: connection)
            #expect(answer.status == 503)
            store.open()
            while try await device.report(over: connection).status != 200 {}
            for device in server.engine.snapshot.world.devices.values {
                #expect(try await server.engine.report(of: device.id) != nil)
            }
        }
    }

    /// A user document is read by the writer, so that it is asked for only where there is a place.
    @Test func `who asks for a user document waits for a place as others do`() async throws {
        let store = GatedStore(MemoryStore(epoch: 3))
        try await TestServer.with(store, settings: settings(threads: 1, writes: 1)) { server in
            // Whatever fails, the server is to end.
            defer { store.open() }
            let (connection, other) = (try server.connection(), try server.connection())
            let device = try await server.settled(1, over: connection)
            let reporter = try await server.settled(2, over: other)
            let id = try #require(server.engine.snapshot.world.device(credentialHash: device.hash)?.id)
            try await server.change([.editUser(id, UserEdit("user.language", .set, .string("br")))])
            store.shut()
            try reporter.sendReport(over: other)
            // Who comes after this one's answer comes after the report, too.
            let third = try server.connection()
            try third.request("GET", "/health")
            #expect(try await third.answer().status == 200)
            #expect(try await device.checkIn(over: connection).status == 503)
            store.open()
            #expect(try await other.answer().status == 200)
        }
    }

    @Test func `requests beyond what the writer takes are refused with a time, and none is lost`() async throws {
        try await TestServer.with(settings: settings(threads: 1, writes: 1)) { server in
            var devices: [(DeviceConnection, TestDevice)] = []
            for number in 0..<60 {
                let connection = try server.connection()
                devices.append((connection, try await server.settled(number, over: connection)))
            }
            var (refused, rounds) = (0, 0)
            while !devices.isEmpty, rounds < 500 {
                rounds += 1
                for (connection, device) in devices {
                    let report = "{\"have\":\"\(device.have)\",\"report\":{\"n\":1}}"
                    try connection.request(
                        "POST", "/v1/sync", [("Authorization", "Bearer \(device.credential)")], body: report)
                }
                var again: [(DeviceConnection, TestDevice)] = []
                for (connection, device) in devices {
                    let answer = try await connection.answer()
                    guard answer.status != 200 else { continue }
                    refused += 1
                    #expect(answer.status == 503 && answer.headers["retry-after"] != nil)
                    #expect(try JSONReader.read(answer.body)["code"] == .string("overloaded"))
                    again.append((connection, device))
                }
                devices = again
            }
            #expect(devices.isEmpty && refused > 0, "\(refused) refused in \(rounds) rounds")
            for device in server.engine.snapshot.world.devices.values {
                #expect(try await server.engine.report(of: device.id)?.number == 1)
            }
        }
    }
}
