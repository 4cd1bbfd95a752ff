import DeviceAgent
import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// A handset never gives up and never hammers: what each status and each result leads to.
@Suite struct PatienceTests {
    @Test func `a lost answer changes nothing: the same step is said again, later each time, to five minutes`() throws {
        var handset = Handset(secrets: Said.secrets(), catalog: try Catalog.embedded())
        let first = handset.next().enrolment
        let ceilings = (0..<12).map { _ in handset.lost().ceiling }
        #expect(ceilings == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300])
        #expect(first != nil && handset.next().enrolment == first)
        _ = handset.received(Said.enrolled)
        #expect(handset.lost().ceiling == 2, "after an answer it begins anew")
    }

    @Test func `what failed together comes back over all of the time up to the ceiling`() {
        var generator = SeededGenerator(for: "back-off")
        let waits = (0..<4_000).map { _ in CheckInSchedule.backOff(ceiling: 300, using: &generator) }
        #expect(waits.allSatisfy { (1...300).contains($0) })
        for third in [1.0..<100, 100..<200, 200..<300] {
            #expect((1_000...1_700).contains(waits.count { third.contains($0) }), "\(third)")
        }
        #expect((0..<100).allSatisfy { _ in CheckInSchedule.backOff(ceiling: 9_999, using: &generator) <= 300 })
    }

    @Test(arguments: [429, 503])
    func `a server that is busy is asked again when it said`(status: Int) throws {
        var handset = try Said.settled(at: 3)
        #expect(handset.received(Said.problem(status, "overloaded", retryAfter: 17)).seconds == 17)
        #expect(handset.received(Said.problem(status, "overloaded")).seconds == 30)
        #expect(handset.fault == nil)
    }

    @Test(arguments: [
        301, 302, 400, 401, 403, 404, 405, 407, 408, 409, 411, 413, 421, 429, 500, 501, 502, 503, 504, 511,
    ])
    func `what something between says is no word of the server's`(status: Int) throws {
        for reply in [Said.foreign(status), Said.foreign(status, retryAfter: 5)] {
            var handset = try Said.settled(at: 3)
            #expect((0..<3).map { _ in handset.received(reply).ceiling } == [2, 4, 8], "\(status)")
            #expect(handset.fault == nil)
            #expect(handset.digest == Said.digest(Said.policy))
            #expect(handset.next().checkIn != nil, "it asks again")
            var new = Handset(secrets: Said.secrets(), catalog: try Catalog.embedded())
            #expect(new.received(reply).ceiling == 2)
            #expect(new.next().enrolment != nil, "it enrols with the same credential still")
        }
    }

    @Test func `an unknown credential is tried once a day, and the policy stays`() throws {
        var handset = try Said.settled(at: 3)
        let unknown = Said.problem(401, "unauthenticated")
        #expect(handset.received(unknown).seconds == 86_400)
        #expect(handset.received(unknown).seconds == 86_400)
        #expect(handset.digest == Said.digest(Said.policy))
        #expect(handset.fault == .refused(status: 401, code: "unauthenticated"))
        #expect(handset.received(Said.problem(401, "another")).ceiling == 2, "another code says nothing of identities")
    }

    @Test(arguments: [
        (403, "token-expired"), (403, "serial-mismatch"), (404, "unknown-token"), (409, "credential-taken"),
    ])
    func `a token that opens nothing is tried once a day`(status: Int, code: String) throws {
        var handset = Handset(secrets: Said.secrets(), catalog: try Catalog.embedded())
        #expect(handset.received(Said.problem(status, code)).seconds == 86_400)
        #expect(handset.next().enrolment != nil)
    }

    @Test(arguments: [
        (400, "malformed"), (404, "unknown-route"), (405, "wrong-method"), (413, "body-too-large"), (500, "internal"),
    ])
    func `a refusal that must not be leads to no loop`(status: Int, code: String) throws {
        var handset = try Said.settled(at: 3)
        #expect((0..<2).map { _ in handset.received(Said.problem(status, code)).ceiling } == [2, 4])
        #expect(handset.fault == .refused(status: status, code: code))
        #expect(handset.digest == Said.digest(Said.policy))
    }

    @Test func `a request that came too slowly is sent again`() throws {
        var handset = try Said.settled(at: 3)
        #expect(handset.received(Said.problem(408, "request-too-slow")).ceiling == 2)
        #expect(handset.fault == nil)
    }

    @Test(arguments: [
        "", "{}", "[]", "{\"result\":\"full\"}", "nonsense", "<html>log in here</html>",
        "{\"epoch\":1,\"version\":1,\"after\":1,\"result\":\"odd\"}",
    ])
    func `an answer it does not understand changes nothing`(body: String) throws {
        var handset = try Said.settled(at: 3)
        let reply = Handset.Reply(status: 200, retryAfter: nil, body: Array(body.utf8))
        #expect((0..<3).map { _ in handset.received(reply).ceiling } == [2, 4, 8])
        #expect(handset.digest == Said.digest(Said.policy) && handset.version == 3)
        var new = Handset(secrets: Said.secrets(), catalog: try Catalog.embedded())
        #expect(new.received(reply).ceiling == 2)
    }

    @Test func `a wait that something between ends is halved, down to none`() throws {
        var handset = try Said.settled(at: 3)
        var reader = AnswerReader()
        #expect(handset.longestWait == 240)
        let waits = (0..<7).map { _ in
            _ = handset.received(Said.foreign(504), waited: handset.longestWait, reader: &reader)
            return handset.longestWait
        }
        #expect(waits == [120, 60, 30, 15, 7, 0, 0])
        var other = try Said.settled(at: 3)
        _ = other.received(Said.foreign(504), reader: &reader)
        _ = other.received(Said.foreign(404), waited: 240, reader: &reader)
        _ = other.received(Said.problem(503, "overloaded"), waited: 240, reader: &reader)
        #expect(other.longestWait == 240, "only a wait that ended in a foreign 5xx says something of waits")
    }

    @Test func `nothing new leads to the next check-in, or to what the server said`() throws {
        var handset = try Said.settled(at: 3)
        #expect(handset.received(Handset.Reply(status: 304, retryAfter: nil, body: [])).seconds == 900)
        #expect(handset.received(Handset.Reply(status: 304, retryAfter: 30, body: [])).seconds == 30)
        #expect(handset.received(Said.result("ahead", version: 1, after: 30)).seconds == 30)
        #expect(handset.version == 3 && handset.fault == nil)
    }

    @Test func `of an older log nothing is taken, not even what it says of the user`() throws {
        var handset = try Said.settled(at: 9)
        handset.edit(UserEdit("user.language", .set, .string("br")), claimed: nil)
        let user = JSONValue.object(["revision": .integer(1), "n": .integer(0), "document": .object([:])])
        for (result, epoch) in [("full", 1), ("reset", 1), ("reset", 0), ("full", 0)] {
            var old = Said.members(result, version: 8, epoch: epoch)
            old["user"] = user
            #expect(handset.received(Said.reply(old)).ceiling != nil, "\(result) of epoch \(epoch)")
            #expect(handset.user.waiting.count == 1 && handset.user.revision == 0)
            #expect(handset.digest == Said.digest(Said.policy) && handset.version == 9)
        }
        let request = try #require(handset.next().report)
        #expect(request.user?.statement == nil, "it was told of no reset")
    }

    @Test func `a document that does not match is reported, and the tag of that answer kept`() throws {
        var handset = try Said.settled(at: 3)
        let (one, two) = (Said.digest(.object(["funDisabled": .bool(true)])), Said.digest(.object(["a": .bool(true)])))
        #expect(handset.received(Said.full(version: 4, document: .object([:]), stated: one)).seconds == 1)
        #expect(handset.next().checkIn?.tag == nil)
        // Another document by now: it is asked for once more too.
        #expect(handset.received(Said.full(version: 5, document: .object([:]), stated: two)).seconds == 1)
        let report = try #require(handset.received(Said.full(version: 6, document: .object([:]), stated: two)).report)
        #expect(report.report?.failed?.digest == two)
        _ = handset.received(Said.result("same", version: 6, tag: nil))
        #expect(handset.next().checkIn?.tag == "tag-full", "the same document is not offered again")
    }

    @Test func `edits that fit into no request are sent in several`() throws {
        var handset = try Said.settled(at: 3)
        for number in 0..<40 {
            let text = String(repeating: "x", count: 4_000)
            handset.edit(UserEdit("user.favouriteApps", .add, .array([.string("\(number)\(text)")])), claimed: nil)
        }
        let request = try #require(handset.next().report)
        let bytes = CanonicalWriter.bytes(of: request.json).count
        #expect(request.edits.count > 10 && request.edits.count < 20)
        #expect(bytes <= WireLimits.deviceBodyBytes)
    }
}
