import SyncCore
import Testing

@testable import FleetSimulator

@Suite struct JointReportTests {
    private static func part(
        _ milliseconds: Int64, _ handsets: Int64, _ requests: Int64, notes: [String] = []
    ) -> JSONValue {
        .object([
            "name": .string("push"), "milliseconds": .integer(milliseconds), "handsets": .integer(handsets),
            "measures": .object(["requests": .integer(requests)]), "notes": .array(notes.map(JSONValue.string)),
            "convergenceMilliseconds": .object(["50": .integer(milliseconds / 2), "100": .integer(milliseconds)]),
        ])
    }

    private static func report(_ part: JSONValue, findings: [JSONValue] = []) -> JSONValue {
        .object([
            "scenario": .string("push"), "seed": .integer(1), "handsets": .integer(10), "connections": .integer(5),
            "findings": .array(findings),
            "parts": .array([part]),
        ])
    }

    @Test func `a part takes as long as its slowest process, and what was done is added up`() {
        let joint = JointReport([Self.report(Self.part(100, 10, 30)), Self.report(Self.part(400, 7, 50))])
        #expect(!joint.hasFailed)
        #expect(joint.text.contains("push: 20 handsets on 10 connections of 2 processes, seed 1"))
        #expect(joint.text.contains("push: 400 ms in the slowest process, 80 requests, 200/s"))
        let part = joint.json["parts"]?.array?.first
        #expect(part?["handsets"] == .integer(17))
        #expect(part?["convergenceMilliseconds"] == .object(["50": .integer(200), "100": .integer(400)]))
    }

    @Test func `what each process says of itself is said, and once where it is the same`() {
        let reports = [["it came late"], ["it was busy"], ["it came late"]].map { notes in
            Self.report(Self.part(1, 1, 1, notes: notes))
        }
        #expect(JointReport(reports).text.contains("\n  it came late\n  it was busy\noracle:"))
    }

    @Test func `one finding of any process fails the run`() {
        let wrong = Self.report(Self.part(1, 1, 1), findings: [.string("handset 3 holds nothing")])
        for reports in [[wrong, Self.report(Self.part(1, 1, 1))], [Self.report(Self.part(1, 1, 1)), wrong]] {
            let joint = JointReport(reports)
            #expect(joint.hasFailed && joint.json["failed"] == .bool(true))
            #expect(joint.text.hasSuffix("oracle: FAILED\n  handset 3 holds nothing"))
        }
    }
}
