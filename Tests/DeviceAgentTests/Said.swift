import DeviceAgent
import SyncCore
import SyncProtocol

/// What a server, or something between, would say to a handset.
enum Said {
    static let policy = JSONValue.object(["bluetoothDisabled": .bool(true)])

    static let enrolled = Handset.Reply(
        status: 200, retryAfter: nil, body: Array("{\"device\":\"d4\",\"epoch\":1,\"unit\":\"/g\"}".utf8))

    static func secrets() -> Handset.Secrets {
        Handset.Secrets(
            token: String(repeating: "t", count: 64), credential: String(repeating: "c", count: 64), serial: "S1",
            facts: .none)
    }

    /// A handset that holds the policy at a version.
    static func settled(at version: Int) throws -> Handset {
        var handset = Handset(secrets: secrets(), catalog: try Catalog.embedded())
        for reply in [enrolled, full(version: version), same(version: version)] { _ = handset.received(reply) }
        return handset
    }

    static func digest(_ value: JSONValue) -> Digest { Digest(hashing: CanonicalWriter.bytes(of: value)) }

    static func full(
        version: Int, result: String = "full", epoch: Int = 1, document: JSONValue = policy, stated: Digest? = nil
    ) -> Handset.Reply {
        reply([
            "epoch": .integer(Int64(epoch)), "version": .integer(Int64(version)), "after": .integer(900),
            "result": .string(result), "tag": .string("tag-full"), "document": document,
            "digest": .string((stated ?? digest(document)).description), "commands": .array([]),
        ])
    }

    static func delta(version: Int, _ change: JSONValue, to digest: Digest) -> Handset.Reply {
        reply([
            "epoch": .integer(1), "version": .integer(Int64(version)), "after": .integer(900),
            "result": .string("delta"), "tag": .string("tag-delta"), "delta": change,
            "digest": .string(digest.description), "commands": .array([]),
        ])
    }

    static func same(version: Int) -> Handset.Reply { result("same", version: version, tag: "tag-same") }

    /// An answer that brings nothing.
    static func result(_ result: String, version: Int, after: Int = 900, tag: String? = nil) -> Handset.Reply {
        var members: [String: JSONValue] = [
            "epoch": .integer(1), "version": .integer(Int64(version)), "after": .integer(Int64(after)),
            "result": .string(result), "commands": .array([]),
        ]
        members["tag"] = tag.map(JSONValue.string)
        return reply(members)
    }

    /// The members of an answer with a whole document that is another than the policy.
    static func members(_ result: String, version: Int, epoch: Int) -> [String: JSONValue] {
        [
            "epoch": .integer(Int64(epoch)), "version": .integer(Int64(version)), "after": .integer(900),
            "result": .string(result), "tag": .string("tag-old"), "document": .object([:]),
            "digest": .string(digest(.object([:])).description), "commands": .array([]),
        ]
    }

    static func reply(_ members: [String: JSONValue]) -> Handset.Reply {
        Handset.Reply(status: 200, retryAfter: nil, body: CanonicalWriter.bytes(of: .object(members)))
    }

    /// A problem as the server words it.
    static func problem(_ status: Int, _ code: String, retryAfter: Int? = nil) -> Handset.Reply {
        Handset.Reply(
            status: status, retryAfter: retryAfter,
            body: CanonicalWriter.bytes(
                of: .object([
                    "status": .integer(Int64(status)), "code": .string(code), "definite": .bool(true),
                    "detail": .string("d"), "title": .string("t"), "type": .string("about:blank"),
                ])))
    }

    /// An error of something between, which knows nothing of the protocol.
    static func foreign(_ status: Int, retryAfter: Int? = nil) -> Handset.Reply {
        Handset.Reply(status: status, retryAfter: retryAfter, body: Array("<html>\(status)</html>".utf8))
    }
}

extension Handset.Step {
    var ceiling: Int? { if case .backOff(let ceiling) = self { ceiling } else { nil } }
    var seconds: Int? { if case .rest(let seconds) = self { seconds } else { nil } }
    var enrolment: EnrolRequest? { if case .enrol(let request) = self { request } else { nil } }
    var checkIn: Handset.CheckIn? { if case .checkIn(let checkIn) = self { checkIn } else { nil } }
    var report: SyncRequest? { if case .report(let request) = self { request } else { nil } }
}
