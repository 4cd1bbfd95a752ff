import SyncCore
import SyncEngine
import TestSupport
import Testing

@testable import FleetSimulator
@testable import SyncServer

/// Answers around a document that was compressed before, read by zlib, which checks length and sum.
@Suite struct GzipTests {
    @Test func `whatever stands around it, the member reads back as its three parts`() throws {
        var generator = SeededGenerator(for: "gzip members")
        for _ in 0..<400 {
            let document = Self.text(Int.random(in: 300...40_000, using: &generator), using: &generator)
            let packed = try #require(GzipMember.pack(document))
            #expect(packed.bytes.count < document.count)
            let before = Self.text(Int.random(in: 0...300, using: &generator), using: &generator)
            let sizes = [0, 1, 300, 65_535, 65_536, 200_000]
            let behind = Self.text(try #require(sizes.randomElement(using: &generator)), using: &generator)
            let member = GzipMember.around(packed, before: before, behind: behind)
            let read = try GzipReader.read(Array(member.readableBytesView), limit: 1 << 20)
            #expect(read == before + document + behind)
        }
    }

    @Test func `what does not get smaller is left as it is`() {
        var generator = SeededGenerator(for: "noise")
        #expect(GzipMember.pack((0..<4_000).map { _ in UInt8.random(in: 0...255, using: &generator) }) == nil)
        #expect(GzipMember.pack(Array("{}".utf8)) == nil)
        #expect(GzipMember.pack([]) == nil)
    }

    @Test func `a member that was cut or touched is refused`() throws {
        var generator = SeededGenerator(for: "torn members")
        let packed = try #require(GzipMember.pack(Self.text(3_000, using: &generator)))
        let member = Array(GzipMember.around(packed, before: [1], behind: [2]).readableBytesView)
        let whole = try GzipReader.read(member, limit: 1 << 20)
        for _ in 0..<300 {
            var torn = member
            if Bool.random(using: &generator) {
                torn.removeLast(Int.random(in: 1..<member.count, using: &generator))
            } else {
                // The header's time and system may be anything.
                torn[Int.random(in: 10..<member.count, using: &generator)] ^= 0x10
            }
            // Bits that only fill up a byte may flip; then what is read is what was written.
            let read = try? GzipReader.read(torn, limit: 1 << 20)
            #expect(read == nil || read == whole && torn.count == member.count)
        }
    }

    @Test(arguments: [
        ("gzip", true), ("deflate, gzip;q=1.0", true), ("GZIP", true), ("x-gzip", true), ("gzip;q=0", false),
        ("gzip; q=0.000", false), ("gzip;q=0.5", true), ("deflate", false), ("identity", false),
    ])
    func `only who takes gzip gets it, and both get the same`(coding: String, isPacked: Bool) async throws {
        try await TestServer.with { server in
            let applications = (0..<60).map { JSONValue.object(["packageName": .string("fr.example.app\($0)")]) }
            try await server.publish(["applications": .array(applications)])
            let connection = try server.connection()
            let device = TestDevice(credential: TestDevice.secret("device", 1))
            _ = try await device.enrol(token: server.token, over: connection)
            try connection.request("GET", "/v1/sync", device.headers)
            let plain = try await connection.answer()
            try connection.request("GET", "/v1/sync", device.headers + [("Accept-Encoding", coding)])
            let answer = try await connection.answer()
            #expect(answer.headers["content-encoding"] == (isPacked ? "gzip" : nil))
            let body = isPacked ? try GzipReader.read(answer.body, limit: 1 << 20) : answer.body
            #expect(body == plain.body)
            if isPacked { #expect(answer.body.count * 2 < plain.body.count) }
        }
    }

    /// Words that repeat, as a policy's do.
    private static func text(_ count: Int, using generator: inout SeededGenerator) -> [UInt8] {
        let words = ["\"applications\":", "{\"installType\":\"BLOCKED\"},", "true,", "60000,"]
        var text: [UInt8] = []
        while text.count < count {
            text += (words.randomElement(using: &generator) ?? "").utf8
            text.append(UInt8.random(in: 0x20...0x7E, using: &generator))
        }
        return Array(text.prefix(count)).isEmpty ? [] : Array(text.prefix(count))
    }
}
