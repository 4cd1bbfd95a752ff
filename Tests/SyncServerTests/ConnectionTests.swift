import Logging
import NIOCore
import NIOEmbedded
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

    @Test(arguments: [
        ("GET /health HTTP/1.1\r\nHost: t\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n", 200),
        ("CONNECT example.test:443 HTTP/1.1\r\nHost: t\r\n\r\n", 404),
    ])
    func `who asks for another protocol is answered in this one, and has to connect anew`(
        request: String, status: Int
    ) async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            try connection.send(request)
            let answer = try await connection.answer()
            #expect(answer.status == status && answer.headers["connection"] == "close")
            await #expect(throws: DeviceConnection.Failure.closed) { try await connection.answer() }
        }
    }

    @Test func `from a client that takes no answers nothing more is read`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let request = "GET / HTTP/1.1\r\nHost: t\r\n\r\n"
            // Beyond what the kernel keeps for both sides: each answer is ten times as long.
            let limit = 8 << 20
            let sent = try await connection.flood(request, limit: limit, patience: 500)
            #expect(sent < limit)
            for _ in 0..<1_000 { #expect(try await connection.answer().status == 404) }
        }
    }

    @Test func `a client that never takes its last answer does not keep its place`() async throws {
        try await TestServer.with { server in
            let channel = EmbeddedChannel(handler: Unwritten())
            let pipeline = AgentPipeline(
                engine: server.engine, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
                settings: AgentSettings(threads: 1, maximumConnections: 10), loop: channel.eventLoop, now: { 0 })
            try pipeline.serve(channel)
            channel.pipeline.fireChannelActive()
            try channel.writeInbound(ByteBuffer(string: "GET /health HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"))
            #expect(pipeline.agents.load.connections == 1)
            pipeline.agents.sweep(now: .now() + .seconds(ServerLimits.requestSeconds - 1))
            #expect(pipeline.agents.load.connections == 1)
            pipeline.agents.sweep(now: .now() + .seconds(ServerLimits.requestSeconds + 1))
            #expect(pipeline.agents.load.connections == 0)
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

/// A socket that takes nothing.
private final class Unwritten: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private var promises: [EventLoopPromise<Void>?] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        promises.append(promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        for waiting in promises { waiting?.fail(ChannelError.ioOnClosedChannel) }
        context.close(mode: mode, promise: promise)
    }
}
