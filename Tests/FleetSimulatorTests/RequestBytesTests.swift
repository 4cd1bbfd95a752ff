import SyncCore
import SyncProtocol
import TestSupport
import Testing

@testable import FleetSimulator

@Suite struct RequestBytesTests {
    @Test func `a report that was in part rendered before is the one rendered anew`() throws {
        var generator = SeededGenerator(for: "RequestBytesTests")
        var bytes = RequestBytes(host: "127.0.0.1:1")
        for round in 0..<2_000 {
            let request = try request(UInt64(round % 120 + 1), &generator)
            #expect(bytes.body(request) == CanonicalWriter.bytes(of: request.json))
        }
    }

    /// Few versions and models, so that most bodies begin as an earlier one did.
    private func request(_ number: UInt64, _ generator: inout SeededGenerator) throws -> SyncRequest {
        let version = Seq(Int.random(in: 1...3, using: &generator))
        let model = Bool.random(using: &generator) ? "SM-A155" : "SM-X216"
        let facts = try Facts(.object(["model": .string(model), "apiLevel": .integer(34)]))
        let unruly = SyncRequest.NonCompliance(setting: "bluetoothDisabled", reason: "USER_ACTION")
        return SyncRequest(
            have: Have(epoch: 1, version: version, digest: nil),
            report: SyncRequest.Report(
                number: number, facts: Bool.random(using: &generator) ? facts : nil,
                nonCompliance: Bool.random(using: &generator) ? [unruly] : []))
    }
}
