import DeviceAgent
import SyncCore
import SyncProtocol
import Testing

/// The handset's machine, without a network: told what happened, it answers what to do.
@Suite struct HandsetTests {
    private static let policy = JSONValue.object(["bluetoothDisabled": .bool(true)])

    @Test func `a new handset enrols, takes its policy and reports it`() throws {
        var handset = Handset(secrets: try secrets(), catalog: try Catalog.embedded())
        guard case .enrol(let request) = handset.next() else { return #expect(Bool(false), "it must enrol first") }
        #expect(request.credentialHash == Digest(hashing: Array(String(repeating: "c", count: 64).utf8)))
        guard case .checkIn(let checkIn) = handset.received(enrolled) else { return #expect(Bool(false)) }
        #expect(checkIn.tag == nil && checkIn.have == Have(epoch: 0, version: 0, digest: nil))
        guard case .report(let report) = handset.received(full(version: 5)) else { return #expect(Bool(false)) }
        #expect(report.have == Have(epoch: 1, version: 5, digest: digest(Self.policy)))
        #expect(report.report?.number == 1)
        guard case .rest(900) = handset.received(same(version: 6)) else { return #expect(Bool(false)) }
        guard case .checkIn(let next) = handset.next() else { return #expect(Bool(false)) }
        #expect(next.tag == "tag-same" && next.have.version == 6)
    }

    @Test func `an older version is refused and the policy stays`() throws {
        var handset = try settled(at: 9)
        guard case .stop = handset.received(full(version: 8, document: .object([:]))) else {
            return #expect(Bool(false))
        }
        #expect(handset.digest == digest(Self.policy))
        #expect(handset.fault == .wentBack(from: 9, to: 8))
    }

    @Test func `a document that is not what its digest says is asked for once more, then told`() throws {
        var handset = try settled(at: 3)
        let bad = full(version: 4, document: .object([:]), stated: digest(.object(["funDisabled": .bool(true)])))
        guard case .rest(1) = handset.received(bad) else { return #expect(Bool(false)) }
        guard case .checkIn(let again) = handset.next() else { return #expect(Bool(false)) }
        #expect(again.tag == nil, "without a tag it gets the whole document")
        guard case .report(let report) = handset.received(bad) else { return #expect(Bool(false)) }
        #expect(report.report?.failed?.digest == digest(.object(["funDisabled": .bool(true)])))
        #expect(report.have.digest == digest(Self.policy), "the last good policy stays")
    }

    @Test func `a delta is applied to the stored bytes, and a wrong one leads to the whole document once`() throws {
        var handset = try settled(at: 3)
        let next = JSONValue.object(["bluetoothDisabled": .bool(true), "funDisabled": .bool(true)])
        let change = JSONValue.object(["set": .object(["funDisabled": .bool(true)])])
        guard case .checkIn(let checkIn) = handset.next() else { return #expect(Bool(false)) }
        #expect(checkIn.acceptsDelta)
        guard case .report(let report) = handset.received(delta(version: 4, change, to: digest(next))) else {
            return #expect(Bool(false))
        }
        #expect(report.have == Have(epoch: 1, version: 4, digest: digest(next)))
        _ = handset.received(same(version: 4))
        let wrong = digest(.object(["smsDisabled": .bool(true)]))
        guard case .rest(1) = handset.received(delta(version: 5, change, to: wrong)) else {
            return #expect(Bool(false))
        }
        guard case .checkIn(let again) = handset.next() else { return #expect(Bool(false)) }
        #expect(!again.acceptsDelta && again.tag == nil && handset.digest == digest(next))
        _ = handset.received(full(version: 6))
        _ = handset.received(same(version: 6))
        guard case .checkIn(let last) = handset.next() else { return #expect(Bool(false)) }
        #expect(last.acceptsDelta && handset.digest == digest(Self.policy))
    }

    @Test func `a new epoch resets what it verified`() throws {
        var handset = try settled(at: 50)
        guard case .report(let report) = handset.received(full(version: 2, result: "reset", epoch: 9)) else {
            return #expect(Bool(false))
        }
        #expect(report.have.epoch == 9 && report.have.version == 2)
    }

    @Test func `a lost answer changes nothing: the same step is said again`() throws {
        var handset = Handset(secrets: try secrets(), catalog: try Catalog.embedded())
        guard case .enrol(let first) = handset.next(), case .rest(let short) = handset.lost(),
            case .enrol(let second) = handset.next(), case .rest(let long) = handset.lost()
        else { return #expect(Bool(false)) }
        #expect(first == second)
        #expect(short < long && long <= 300)
    }

    @Test func `a server that is busy is asked again when it said`() throws {
        var handset = try settled(at: 3)
        guard case .rest(17) = handset.received(Handset.Reply(status: 503, retryAfter: 17, body: [])) else {
            return #expect(Bool(false))
        }
        #expect(handset.fault == nil)
    }

    @Test func `an unknown credential ends it, and it keeps its policy`() throws {
        var handset = try settled(at: 3)
        let body = Array("{\"code\":\"unauthenticated\"}".utf8)
        guard case .stop = handset.received(Handset.Reply(status: 401, retryAfter: nil, body: body)) else {
            return #expect(Bool(false))
        }
        #expect(handset.digest == digest(Self.policy))
        #expect(handset.fault == .refused(status: 401, code: "unauthenticated"))
    }

    @Test(arguments: [
        "", "{}", "[]", "{\"result\":\"full\"}", "nonsense",
        "{\"epoch\":1,\"version\":1,\"after\":1,\"result\":\"odd\"}",
    ])
    func `an answer it does not understand changes nothing`(body: String) throws {
        var handset = try settled(at: 3)
        guard case .stop = handset.received(Handset.Reply(status: 200, retryAfter: nil, body: Array(body.utf8))) else {
            return #expect(Bool(false))
        }
        #expect(handset.digest == digest(Self.policy) && handset.version == 3)
    }

    // MARK: What a server would say

    private let enrolled = Handset.Reply(
        status: 200, retryAfter: nil, body: Array("{\"device\":\"d4\",\"epoch\":1,\"unit\":\"/g\"}".utf8))

    private func secrets() throws -> Handset.Secrets {
        Handset.Secrets(
            token: String(repeating: "t", count: 64), credential: String(repeating: "c", count: 64), serial: "S1",
            facts: .none)
    }

    /// A handset that holds the policy at a version.
    private func settled(at version: Int) throws -> Handset {
        var handset = Handset(secrets: try secrets(), catalog: try Catalog.embedded())
        for reply in [enrolled, full(version: version), same(version: version)] { _ = handset.received(reply) }
        return handset
    }

    private func digest(_ value: JSONValue) -> Digest { Digest(hashing: CanonicalWriter.bytes(of: value)) }

    private func full(
        version: Int, result: String = "full", epoch: Int = 1, document: JSONValue = policy, stated: Digest? = nil
    ) -> Handset.Reply {
        reply([
            "epoch": .integer(Int64(epoch)), "version": .integer(Int64(version)), "after": .integer(900),
            "result": .string(result), "tag": .string("tag-full"), "document": document,
            "digest": .string((stated ?? digest(document)).description), "commands": .array([]),
        ])
    }

    private func delta(version: Int, _ change: JSONValue, to digest: Digest) -> Handset.Reply {
        reply([
            "epoch": .integer(1), "version": .integer(Int64(version)), "after": .integer(900),
            "result": .string("delta"), "tag": .string("tag-delta"), "delta": change,
            "digest": .string(digest.description), "commands": .array([]),
        ])
    }

    private func same(version: Int) -> Handset.Reply {
        reply([
            "epoch": .integer(1), "version": .integer(Int64(version)), "after": .integer(900),
            "result": .string("same"), "tag": .string("tag-same"), "commands": .array([]),
        ])
    }

    private func reply(_ members: [String: JSONValue]) -> Handset.Reply {
        Handset.Reply(status: 200, retryAfter: nil, body: CanonicalWriter.bytes(of: .object(members)))
    }
}
