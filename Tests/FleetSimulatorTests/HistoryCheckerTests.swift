import SyncCore
import Testing

@testable import FleetSimulator

/// The history checker on small histories: one that is right, and each way of being wrong.
@Suite struct HistoryCheckerTests {
    @Test func `a history that is right has no findings`() {
        #expect(findings([write(1, base: 0), write(2, base: 1)]).isEmpty)
        #expect(findings([write(1, base: 0), write(2, base: 0, "sibling")], siblings: [2]).isEmpty)
        #expect(findings([write(1, base: 0), write(2, base: 0, "forced")], siblings: [1]).isEmpty)
        #expect(findings([write(1, base: 0), write(2, base: 0, "merged")]).isEmpty)
        #expect(
            findings([write(1, base: 0), write(2, base: 0, "sibling"), write(3, base: 2)]).isEmpty, "seen, and settled")
    }

    @Test func `a write over one that was not seen is found`() {
        #expect(findings([write(1, base: 0), write(2, base: 0)]).contains { $0.contains("applied over 1") })
    }

    @Test func `a merge of nothing is found`() {
        #expect(findings([write(1, base: 0, "merged")]).contains { $0.contains("nothing came between") })
    }

    @Test func `a sibling that nobody shows is lost`() {
        #expect(findings([write(1, base: 0), write(2, base: 0, "sibling")]).contains { $0.contains("is lost") })
        #expect(
            findings([write(1, base: 0), write(2, base: 0, "forced")]).contains { $0.contains("at 1 by a is lost") })
    }

    @Test func `what was acknowledged must be there, and what was refused must not`() throws {
        let acknowledged = try operation("i9", .accepted(last: 9), at: 1)
        #expect(findings([], [acknowledged]).contains { $0.contains("acknowledged at 9") })
        let refused = try operation("i1", .refused([]), at: 1)
        #expect(findings([write(1, base: 0)], [refused]).contains { $0.contains("the log has it") })
        let unfounded = try operation("x", .refused([History.Clash(key: "k", seq: 1)]), base: 4, at: 1)
        #expect(findings([write(1, base: 0)], [unfounded]).contains { $0.contains("no write after 4") })
        #expect(findings([], [try operation("u", .unknown, at: 1)]).isEmpty)
    }

    @Test func `what began later stands behind`() throws {
        let writes = [write(1, base: 0), write(2, base: 1)]
        let first = try operation("i2", .accepted(last: 2), at: 10)
        let second = try operation("i1", .accepted(last: 1), at: 20)
        #expect(findings(writes, [first, second]).contains { $0.contains("was acknowledged before it began") })
    }

    private func findings(
        _ writes: [History.Write], _ operations: [History.Operation] = [], siblings: Set<Seq> = []
    ) -> [String] {
        HistoryChecker(History(operations: operations, writes: writes), siblings: siblings).findings()
    }

    private func write(_ seq: Seq, base: Seq, _ outcome: String = "applied") -> History.Write {
        History.Write(
            seq: seq, first: seq, author: "a", intent: "i\(seq)", policy: "p1", key: "k", value: .integer(Int64(seq)),
            base: base, outcome: outcome)
    }

    private func operation(
        _ intent: String, _ outcome: History.Outcome, base: Seq = 0, at time: UInt64
    ) throws -> History.Operation {
        History.Operation(
            author: "a", intent: intent, policy: try #require(PolicyReference("/:p")), base: base,
            mode: .strict, invoked: time, completed: time + 1, outcome: outcome)
    }

}
