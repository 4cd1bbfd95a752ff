import DeviceAgent
import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// Handsets that share a reader come to what each would come to alone.
@Suite struct AnswerReaderTests {
    @Test func `a shared reader changes nothing`() throws {
        var generator = SeededGenerator(for: "shared readers")
        let catalog = try Catalog.embedded()
        // So small that it forgets all the time.
        var reader = AnswerReader(limit: 3)
        var alone = (0..<6).map { Self.handset($0, catalog) }
        var sharing = alone
        var partings = 0
        for _ in 0..<400 {
            let body = Self.body(using: &generator)
            for index in alone.indices where Bool.random(using: &generator) {
                let reply = Handset.Reply(status: 200, retryAfter: nil, body: body)
                _ = alone[index].received(reply)
                _ = sharing[index].received(reply, reader: &reader)
                #expect(alone[index].digest == sharing[index].digest)
                #expect(alone[index].document == sharing[index].document)
                #expect(alone[index].have == sharing[index].have)
                #expect(alone[index].fault == sharing[index].fault)
                #expect(alone[index].acceptsDelta == sharing[index].acceptsDelta)
            }
            if Set(alone.map(\.digest)).count > 1 { partings += 1 }
        }
        #expect(partings > 50, "they held the same nearly always")
    }

    private static func handset(_ number: Int, _ catalog: Catalog) -> Handset {
        let secrets = Handset.Secrets(token: "t", credential: "c\(number)", serial: "s", facts: .none)
        var handset = Handset(secrets: secrets, catalog: catalog)
        _ = handset.received(Handset.Reply(status: 200, retryAfter: nil, body: Array("{\"device\":\"d1\"}".utf8)))
        return handset
    }

    /// A whole policy, what changed in one, or one with a digest that is wrong.
    private static func body(using generator: inout SeededGenerator) -> [UInt8] {
        func policy() -> [String: JSONValue] {
            [
                "maximumTimeToLock": .integer(Int64.random(in: 1...3, using: &generator) * 1_000),
                "smsDisabled": .bool(Bool.random(using: &generator)),
            ]
        }
        let document = policy()
        let isRight = Int.random(in: 0..<5, using: &generator) > 0
        let digest = isRight ? Digest(hashing: CanonicalWriter.bytes(of: .object(document))) : Digest(hashing: [1])
        var answer: [String: JSONValue] = [
            "epoch": .integer(1), "version": .integer(7), "after": .integer(900), "tag": .string("x"),
            "digest": .string(digest.description), "commands": .array([]),
        ]
        if Bool.random(using: &generator) {
            answer["result"] = .string("full")
            answer["document"] = .object(document)
        } else {
            answer["result"] = .string("delta")
            answer["delta"] = .object(["set": .object(["smsDisabled": document["smsDisabled"] ?? .bool(true)])])
        }
        return CanonicalWriter.bytes(of: .object(answer))
    }
}
