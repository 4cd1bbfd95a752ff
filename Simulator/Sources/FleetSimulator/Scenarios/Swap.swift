import SyncClient
import SyncCore
import SyncProtocol

extension Stage {
    private static let policies = 100
    private static let changeSets = 4

    /// A hundred policies, each with something of its own to say, are replaced in a few change sets while handsets wait.
    func swap() async throws {
        let owners = [.root] + fleet.units
        let policies = (0..<Self.policies).compactMap { number in
            PolicyReference(owner: owners[number % owners.count], name: "swap-\(number)")
        }
        try await replace(policies[...], "AVAILABLE", isNew: true)
        try await allCheckIn("everybody takes \(policies.count) policies", lossPercent: 0)
        let before = await oracle.digests(for: fleet)
        let phase = try await watch(try swapped(policies), since: before)
        let size = (policies.count + Self.changeSets - 1) / Self.changeSets
        for start in stride(from: 0, to: policies.count, by: size) {
            try await replace(policies[start..<min(start + size, policies.count)], "BLOCKED", isNew: false)
        }
        let name = "\(policies.count) policies replaced in \(Self.changeSets) change sets"
        let (_, tally) = try await awaitAll(phase, before, name)
        if let most = tally.wakes.values.max(), most > Self.changeSets {
            report.findings.append("\(name): a handset was woken \(most) times")
        }
    }

    private func swapped(_ policies: [PolicyReference]) throws -> Oracle {
        var told = oracle
        for (number, policy) in policies.enumerated() {
            try told.pushed(
                Oracle.Push(policy: policy, target: policy.owner, selector: nil), Self.body(number, "BLOCKED"))
        }
        return told
    }

    /// Puts policies, as one change set.
    private func replace(_ policies: ArraySlice<PolicyReference>, _ type: String, isNew: Bool) async throws {
        var edits: [Edit] = []
        for (number, policy) in zip(policies.indices, policies) {
            let body = Self.body(number, type)
            edits.append(.putPolicy(policy, body))
            if isNew { edits.append(.bind(policy, .unit(policy.owner), nil)) }
            try oracle.pushed(Oracle.Push(policy: policy, target: policy.owner, selector: nil), body)
        }
        let receipt = try await setting.client.change(
            ChangeRequest(intent: "swap-\(setting.seed)-\(type)-\(policies.startIndex)", base: lastSeq, edits: edits))
        lastSeq = receipt["seq"]?.integer.map { Seq($0) }
    }

    private static func body(_ number: Int, _ type: String) -> JSONValue {
        let application: JSONValue = .object([
            "packageName": .string("fr.example.swap\(number)"), "installType": .string(type),
        ])
        return .object(["applications": .array([application])])
    }
}
