import DeviceAgent
import SyncCore
import SyncProtocol
import Testing

/// The handset's machine, without a network: told what happened, it answers what to do.
@Suite struct HandsetTests {
    @Test func `a new handset enrols, takes its policy and reports it`() throws {
        var handset = Handset(secrets: Said.secrets(), catalog: try Catalog.embedded())
        let request = try #require(handset.next().enrolment)
        #expect(request.credentialHash == Digest(hashing: Array(String(repeating: "c", count: 64).utf8)))
        let checkIn = try #require(handset.received(Said.enrolled).checkIn)
        #expect(checkIn.tag == nil && checkIn.have == Have(epoch: 0, version: 0, digest: nil))
        let report = try #require(handset.received(Said.full(version: 5)).report)
        #expect(report.have == Have(epoch: 1, version: 5, digest: Said.digest(Said.policy)))
        #expect(report.report?.number == 1)
        #expect(handset.received(Said.same(version: 6)).seconds == 900)
        let next = try #require(handset.next().checkIn)
        #expect(next.tag == "tag-same" && next.have.version == 6)
    }

    @Test func `an older version is refused, the policy stays, and the server is asked again later`() throws {
        var handset = try Said.settled(at: 9)
        #expect(handset.received(Said.full(version: 8, document: .object([:]))).ceiling == 2)
        #expect(handset.digest == Said.digest(Said.policy))
        #expect(handset.fault == .wentBack(from: 9, to: 8))
        #expect(
            handset.received(Said.full(version: 10, document: .object([:]))).report != nil,
            "it takes what is newer all the same")
    }

    @Test func `a document that is not what its digest says is asked for once more, then told`() throws {
        var handset = try Said.settled(at: 3)
        let bad = Said.full(
            version: 4, document: .object([:]), stated: Said.digest(.object(["funDisabled": .bool(true)])))
        #expect(handset.received(bad).seconds == 1)
        let again = try #require(handset.next().checkIn)
        #expect(again.tag == nil, "without a tag it gets the whole document")
        let report = try #require(handset.received(bad).report)
        #expect(report.report?.failed?.digest == Said.digest(.object(["funDisabled": .bool(true)])))
        #expect(report.have.digest == Said.digest(Said.policy), "the last good policy stays")
    }

    @Test func `a delta is applied to the stored bytes, and a wrong one leads to the whole document once`() throws {
        var handset = try Said.settled(at: 3)
        let next = JSONValue.object(["bluetoothDisabled": .bool(true), "funDisabled": .bool(true)])
        let change = JSONValue.object(["set": .object(["funDisabled": .bool(true)])])
        let checkIn = try #require(handset.next().checkIn)
        #expect(checkIn.acceptsDelta)
        let report = try #require(handset.received(Said.delta(version: 4, change, to: Said.digest(next))).report)
        #expect(report.have == Have(epoch: 1, version: 4, digest: Said.digest(next)))
        _ = handset.received(Said.same(version: 4))
        let wrong = Said.digest(.object(["smsDisabled": .bool(true)]))
        #expect(handset.received(Said.delta(version: 5, change, to: wrong)).seconds == 1)
        let again = try #require(handset.next().checkIn)
        #expect(!again.acceptsDelta && again.tag == nil && handset.digest == Said.digest(next))
        _ = handset.received(Said.full(version: 6))
        _ = handset.received(Said.same(version: 6))
        let last = try #require(handset.next().checkIn)
        #expect(last.acceptsDelta && handset.digest == Said.digest(Said.policy))
    }

    @Test func `a new epoch resets what it verified`() throws {
        var handset = try Said.settled(at: 50)
        let report = try #require(handset.received(Said.full(version: 2, result: "reset", epoch: 9)).report)
        #expect(report.have.epoch == 9 && report.have.version == 2)
    }
}
