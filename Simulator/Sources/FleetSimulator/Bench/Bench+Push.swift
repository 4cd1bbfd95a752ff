import Foundation
import NIOCore
import SyncClient
import SyncCore
import SyncProtocol

extension Bench {
    /// How long an operator waits for a put and a bind at `/`, with the whole fleet enrolled against a thousand.
    func pushAcknowledgement() async throws -> Row {
        let tree = try Fleet(size: 126_000, seed: 1)
        let (large, largeClient) = try ServerProcess.consigned(beside: binaries)
        defer { large.stop() }
        let (small, smallClient) = try ServerProcess.consigned(beside: binaries)
        defer { small.stop() }
        say("push acknowledgement: enrolling 126,000 handsets and 1,000, in the same tree")
        try await settle(tree, every: 1, large, largeClient)
        try await settle(tree, every: 126, small, smallClient)
        var ours: [Double] = []
        var ceilings: [Double] = []
        for round in 1...(isQuick ? 60 : 300) {
            ceilings.append(try await push(round, smallClient))
            ours.append(try await push(round, largeClient))
        }
        return Row(
            name: "push-ack-flatness", unit: "milliseconds", ours: Self.median(ours), ceiling: Self.median(ceilings),
            target: 1.2, direction: .atMost)
    }

    /// Milliseconds from sending a change set to its acknowledgement.
    private func push(_ round: Int, _ client: OperatorClient) async throws -> Double {
        guard let policy = PolicyReference(owner: .root, name: "bench-\(round)") else { return 0 }
        let body = JSONValue.object(["maximumTimeToLock": .integer(Int64(1_000_000 - round))])
        let request = ChangeRequest(
            intent: "bench-\(round)", edits: [.putPolicy(policy, body), .bind(policy, .unit(.root), nil)])
        let start = DispatchTime.now().uptimeNanoseconds
        _ = try await client.change(request)
        return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
    }

    /// Makes all units, and enrols one handset in so many.
    private func settle(_ tree: Fleet, every: Int, _ server: ServerProcess, _ client: OperatorClient) async throws {
        let fleet = tree.sample(every: every)
        let day = Int64(Date().timeIntervalSince1970 * 1_000) + 86_400_000
        try await Settlement(client: client, fleet: fleet, expires: day).settle()
        let driver = try await FleetDriver.start(
            fleet, at: server.agents, threads: 1, connections: 1_000, run: UInt64(every))
        try await driver.connect()
        let phase = Phase(.enrolment, handsets: fleet.members.count, wait: 0)
        driver.begin(phase)
        await phase.untilOver()
        try await driver.stop()
    }
}
