import SyncCore
import TestSupport
import Testing

@testable import SyncServer

/// HTTP as clients, proxies and their health checks speak it.
@Suite struct HTTPTests {
    private static let start = "POST /v1/enrol HTTP/1.1\r\nHost: t\r\n"

    private func code(_ answer: DeviceConnection.Answer) throws -> String? {
        try JSONReader.read(answer.body)["code"]?.string
    }

    @Test func `HEAD is answered as GET is, without the body`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            let credential = "Host: t\r\nAuthorization: Bearer \(device.credential)\r\n\r\n"
            for (path, status) in [("/health", 200), ("/v1/sync", 200), ("/nowhere", 404), ("/v1/enrol", 405)] {
                try connection.send("HEAD \(path) HTTP/1.1\r\n\(credential)GET \(path) HTTP/1.1\r\n\(credential)")
                let head = try await connection.answer(headOnly: true)
                let whole = try await connection.answer()
                #expect(head.status == status && whole.status == status)
                // A 405 names its method.
                if status != 405 { #expect(head.headers == whole.headers) }
                #expect(head.headers["content-length"] != "0" && !whole.body.isEmpty)
            }
            let wait = device.headers.map { "\($0): \($1)\r\n" }.joined()
            try connection.send("HEAD /v1/sync HTTP/1.1\r\nHost: t\r\nPrefer: wait=200\r\n\(wait)\r\n")
            #expect(try await connection.answer(headOnly: true).status == 304)
            // What comes behind it is nobody's HEAD.
            try connection.send("HEAD /health HTTP/1.1\r\nHost: t\r\n\r\n\u{1}\u{2}\r\n\r\n")
            #expect(try await connection.answer(headOnly: true).status == 200)
            let refusal = try await connection.answer()
            #expect(refusal.status == 400)
            #expect(try code(refusal) == "bad-http")
        }
    }

    @Test(arguments: [
        ("*", "GET, HEAD, POST, OPTIONS"), ("/", "GET, HEAD, POST, OPTIONS"), ("/v1/enrol", "POST, OPTIONS"),
        ("/health", "GET, HEAD, OPTIONS"),
    ])
    func `OPTIONS tells the methods`(target: String, methods: String) async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            try connection.send("OPTIONS \(target) HTTP/1.1\r\nHost: t\r\n\r\nGET /health HTTP/1.1\r\nHost: t\r\n\r\n")
            let answer = try await connection.answer()
            #expect(answer.status == 204 && answer.headers["allow"] == methods)
            #expect(answer.headers["content-length"] == nil)
            #expect(try await connection.answer().status == 200)
        }
    }

    @Test func `who waits to be told to go on is told so, or refused`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            let body = "{\"have\":\"\(device.have)\",\"report\":{\"n\":1}}"
            let head =
                "POST /v1/sync HTTP/1.1\r\nHost: t\r\nExpect: 100-Continue\r\nContent-Length: \(body.utf8.count)\r\n"
            try connection.send(head + "Authorization: Bearer \(device.credential)\r\n\r\n")
            #expect(try await connection.answer().status == 100)
            #expect(!connection.hasAnswer(within: 20))
            try connection.send(body)
            #expect(try await connection.answer().status == 200)
            for (fields, status) in [
                ("", 401), ("Authorization: Bearer \(device.credential)\r\nHost: u\r\n", 400),
                ("Authorization: Bearer \(TestDevice.secret("nobody", 1))\r\n", 401),
            ] {
                let other = try server.connection()
                try other.send(head + fields + "\r\n")
                let answer = try await other.answer()
                #expect(answer.status == status && answer.headers["connection"] == "close")
                await #expect(throws: DeviceConnection.Failure.closed) { try await other.answer() }
            }
        }
    }

    /// To close on bytes that nobody read resets the connection, and the answer is lost with it.
    @Test(arguments: ["Content-Length: 200000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n30D40\r\n"])
    func `a refusal is read whatever the client still sends`(framing: String) async throws {
        try await TestServer.with { server in
            let piece = [UInt8](repeating: 0x20, count: 20_000)
            for number in 0..<40 {
                let connection = try server.connection()
                let isStranger = number.isMultiple(of: 2)
                let isAnnounced = framing.hasPrefix("Content")
                try connection.send(
                    (isStranger ? "POST /v1/sync HTTP/1.1\r\nHost: t\r\n" : Self.start) + framing)
                // Of unknown length it is too long when so much came.
                for _ in 0..<4 { try connection.send(piece) }
                // As proxies do, it goes on to send and looks for an answer then.
                #expect(connection.hasAnswer(within: 20_000))
                for _ in 4..<10 { try connection.send(piece) }
                let answer = try await connection.answer()
                #expect(answer.status == (isStranger && !isAnnounced ? 401 : 413))
                #expect(answer.headers["connection"] == "close")
                await #expect(throws: DeviceConnection.Failure.closed) { try await connection.answer() }
            }
            try await server.eventually("they went") { $0.connections == 0 && $0.bodyBytes == 0 }
        }
    }

    @Test func `an announced length beyond the limit is refused at once, and not read without end`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            try connection.send(Self.start + "Content-Length: 70000\r\n\r\n")
            #expect(try await connection.answer().status == 413)
            let endless = try server.connection()
            try endless.send(Self.start + "Content-Length: 99999999999\r\n\r\n")
            await #expect(throws: DeviceConnection.Failure.closed) {
                // The kernels of both sides keep some megabytes.
                _ = try await endless.flood(" ", limit: 64 << 20, patience: 20_000)
            }
        }
    }

    @Test(arguments: [
        ("GET /health HTTP/1.1\r\n", "malformed", true),
        ("GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n", "malformed", true),
        (
            "GET /v1/sync HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer a\r\nauthorization: Bearer a\r\n", "malformed",
            true
        ),
        ("GET /v1/sync HTTP/1.1\r\nHost: t\r\nConsigne-Have: 0.0.-\r\nConsigne-Have: 0.0.-\r\n", "malformed", true),
        ("GET /v1/sync?x=1 HTTP/1.1\r\nHost: t\r\n", "malformed", true),
        ("GET /health?x HTTP/1.1\r\nHost: t\r\n", "malformed", true),
        ("POST /v1/enrol HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip, chunked\r\n", "bad-http", false),
        ("POST /v1/enrol HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip\r\n", "bad-http", false),
        ("POST /v1/enrol HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "bad-http", false),
        ("POST /v1/enrol HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcdefg", "bad-http", false),
        (
            "POST /v1/enrol HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n", "bad-http",
            false
        ), ("POST /v1/enrol HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nContent-Length: 4\r\n", "bad-http", false),
        ("POST /v1/enrol HTTP/1.1\r\nHost: t\r\nContent-Length: -3\r\n", "bad-http", false),
    ])
    func `what others might read in another way is refused`(head: String, code: String, goesOn: Bool) async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            try connection.send(head + "\r\n")
            let answer = try await connection.answer()
            #expect(answer.status == 400)
            #expect(try self.code(answer) == code)
            #expect(answer.headers["cache-control"] == "no-store")
            guard goesOn else {
                #expect(answer.headers["connection"] == "close")
                await #expect(throws: DeviceConnection.Failure.closed) { try await connection.answer() }
                return
            }
            try connection.request("GET", "/health")
            #expect(try await connection.answer().status == 200)
        }
    }

    @Test func `what is no HTTP behind a request does not take its answer away`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            let headers = device.headers.map { "\($0): \($1)\r\n" }.joined()
            try connection.send(
                "GET /v1/sync HTTP/1.1\r\nHost: t\r\nPrefer: wait=200\r\n\(headers)\r\n\u{1}\u{2}\r\n\r\n")
            #expect(!connection.hasAnswer(within: 50))
            try await server.publish(["funDisabled": .bool(true)])
            #expect(try await connection.answer().status == 200)
            #expect(try await connection.answer().status == 400)
            await #expect(throws: DeviceConnection.Failure.closed) { try await connection.answer() }
        }
    }

    @Test func `behind a parked poll only so many requests wait`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            try device.ask(over: connection, wait: 200)
            try connection.send(String(repeating: "GET / HTTP/1.1\r\nHost: t\r\n\r\n", count: 500))
            #expect(!connection.hasAnswer(within: 50))
            try await server.publish(["funDisabled": .bool(true)])
            #expect(try await connection.answer().status == 200)
            var answered = 0
            await #expect(throws: DeviceConnection.Failure.closed) {
                while true {
                    let answer = try await connection.answer()
                    #expect(answer.status == 404)
                    answered += 1
                }
            }
            #expect((1...ServerLimits.earlyParts / 2).contains(answered), "\(answered) were kept")
        }
    }

    @Test(arguments: [
        ["wait=99999999999999999999"], ["respond-async", "wait=200"], ["respond-async, wait=\"200\"; x=y"],
    ])
    func `a wait is read in every form, and none is longer than the longest`(prefer: [String]) async throws {
        try await TestServer.with(settings: AgentSettings(threads: 1, maximumConnections: 100, longestWait: 2)) {
            server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            let headers = device.headers + prefer.map { ("Prefer", $0) }
            let begun = ContinuousClock.now
            try connection.request("GET", "/v1/sync", headers)
            #expect(try await connection.answer().status == 304)
            #expect(ContinuousClock.now - begun >= .seconds(2))
        }
    }

    @Test func `a version that no log can have is refused`() async throws {
        try await TestServer.with { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            for have in ["0.9007199254740992.-", "9007199254740992.0.-"] {
                try connection.request(
                    "GET", "/v1/sync",
                    [("Authorization", "Bearer \(device.credential)"), ("Consigne-Have", have)])
                #expect(try await connection.answer().status == 400)
            }
        }
    }

    @Test func `HTTP 1_0 is answered, and its connection closed`() async throws {
        try await TestServer.with { server in
            for head in ["GET /health HTTP/1.0\r\n\r\n", "GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"] {
                let connection = try server.connection()
                try connection.send(head)
                let answer = try await connection.answer()
                #expect(answer.status == 200 && answer.headers["connection"] == "close")
                #expect(try JSONReader.read(answer.body)["status"] == .string("up"))
                await #expect(throws: DeviceConnection.Failure.closed) { try await connection.answer() }
            }
        }
    }

    /// A proxy that takes off `Authorization` is told from a device that is no more one.
    @Test func `a missing credential has a code of its own, and is warned of once`() async throws {
        let log = LogLines()
        try await TestServer.with(logger: log.logger) { server in
            let connection = try server.connection()
            for _ in 0..<20 {
                try connection.request("GET", "/v1/sync", [("X-Forwarded-For", "1.2.3.4")])
                let answer = try await connection.answer()
                #expect(answer.status == 401)
                #expect(try code(answer) == "credential-missing")
                try connection.request("GET", "/v1/sync", [("Authorization", "Basic eDp5")])
                let other = try await connection.answer()
                #expect(try code(other) == "unauthenticated")
            }
            let lines = log.all.filter { $0.contains("without Authorization") }
            #expect(lines.count == 1 && lines[0].contains("1.2.3.4"))
            let counts = await server.listener.load().warnings
            #expect(counts.first { $0.kind == .credentialMissing }?.count == 20)
        }
    }

    @Test func `a device that says it is ahead fills no log`() async throws {
        let log = LogLines()
        try await TestServer.with(logger: log.logger) { server in
            let connection = try server.connection()
            let device = try await server.settled(1, over: connection)
            for _ in 0..<200 {
                try connection.request(
                    "GET", "/v1/sync",
                    [("Authorization", "Bearer \(device.credential)"), ("Consigne-Have", "3.99999.-")])
                #expect(try await connection.answer().headers["consigne-result"] == "ahead")
            }
            #expect(log.all.count { $0.contains("has verified") } == 1)
        }
    }
}
