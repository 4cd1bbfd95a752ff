import SyncCore
import SyncEngine
import TestSupport
import Testing

@testable import SyncServer

/// One connection: requests that come early, connections that go.
@Suite struct ConnectionTests {
    @Test func `requests sent at once are answered in their order`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            let headers = device.headers.map { "\($0): \($1)\r\n" }.joined()
            let checkIn = "GET /v1/sync HTTP/1.1\r\nHost: t\r\n\(headers)\r\n"
            let report = "{\"have\":\"\(device.have)\",\"report\":{\"n\":1}}"
            let post =
                "POST /v1/sync HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer \(device.credential)\r\n"
                + "Content-Length: \(report.utf8.count)\r\n\r\n\(report)"
            // More than one read takes, and a report in the middle that waits for the disk.
            let many = String(repeating: checkIn, count: 120)
            try connection.send(many + post + "GET /health HTTP/1.1\r\nHost: t\r\n\r\n" + checkIn)
            for _ in 0..<120 { #expect(try await connection.answer().status == 304) }
            #expect(try JSONReader.read(try await connection.answer().body)["result"] == .string("same"))
            #expect(try JSONReader.read(try await connection.answer().body)["status"] == .string("up"))
            #expect(try await connection.answer().status == 304)
        }
    }

    @Test func `what follows a parked poll waits for its answer`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            try device.ask(over: connection, wait: 60)
            try connection.request("GET", "/health")
            #expect(!connection.hasAnswer(within: 100))
            try await server.publish(["funDisabled": .bool(true)])
            #expect(try JSONReader.read(try await connection.answer().body)["result"] == .string("full"))
            #expect(try JSONReader.read(try await connection.answer().body)["status"] == .string("up"))
        }
    }

    @Test func `a device that goes while its poll is parked is forgotten`() async throws {
        try await TestServer.with { server in
            do {
                let connection = try server.connection()
                let device = try await server.settled(1, over: connection)
                try device.ask(over: connection, wait: 60)
                #expect(!connection.hasAnswer(within: 50))
                #expect(await server.listener.load().parked == 1)
            }
            var load = await server.listener.load()
            for _ in 0..<1_000 where load.connections > 0 { load = await server.listener.load() }
            #expect(load.connections == 0 && load.parked == 0)
        }
    }
}
