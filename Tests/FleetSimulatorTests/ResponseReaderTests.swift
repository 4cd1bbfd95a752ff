import DeviceAgent
import NIOCore
import SyncCore
import TestSupport
import Testing

@testable import FleetSimulator

/// Responses out of a stream of bytes that is cut anywhere.
@Suite struct ResponseReaderTests {
    @Test func `responses come whole, however the bytes are cut`() throws {
        var generator = SeededGenerator(for: "cut responses")
        for _ in 0..<300 {
            var stream = ""
            var expected: [(status: Int, retryAfter: Int?, body: String)] = []
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let response = Self.response(using: &generator)
                stream += response.text
                expected.append((response.status, response.retryAfter, response.body))
            }
            var (reader, unpacker) = (ResponseReader(), Unpacker())
            var rest = Array(stream.utf8)[...]
            var read: [Handset.Reply] = []
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...400, using: &generator))
                rest = rest.dropFirst(piece.count)
                var bytes = ByteBuffer(bytes: piece)
                reader.append(&bytes)
                while let reply = try reader.next(&unpacker) { read.append(reply) }
            }
            #expect(read.map(\.status) == expected.map(\.status))
            #expect(read.map(\.retryAfter) == expected.map(\.retryAfter))
            #expect(read.map(\.body) == expected.map { Array($0.body.utf8) })
        }
    }

    private static func response(
        using generator: inout SeededGenerator
    ) -> (text: String, status: Int, retryAfter: Int?, body: String) {
        let status = [200, 304, 503].randomElement(using: &generator) ?? 200
        let body =
            status == 304
            ? "" : String(repeating: "{\"a\":1}\r\n\r\n", count: Int.random(in: 0...80, using: &generator))
        let retryAfter = Bool.random(using: &generator) ? Int.random(in: 0...900, using: &generator) : nil
        var lines = ["HTTP/1.1 \(status) Whatever", "ETag: W/\"content-length: 7\""]
        if let retryAfter {
            lines.append(Bool.random(using: &generator) ? "Retry-After: \(retryAfter)" : "retry-after: \(retryAfter)")
        }
        if status != 304 { lines.append("Content-Length: \(body.utf8.count)") }
        lines[1...].shuffle(using: &generator)
        return (lines.joined(separator: "\r\n") + "\r\n\r\n" + body, status, retryAfter, body)
    }

    @Test(arguments: [
        "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "hello\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 12a\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 900000000\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnope",
    ])
    func `what is no response of this server's is refused`(text: String) {
        var (reader, unpacker) = (ResponseReader(), Unpacker())
        var bytes = ByteBuffer(string: text)
        reader.append(&bytes)
        #expect(throws: ResponseReader.Failure.self) { try reader.next(&unpacker) }
    }
}
