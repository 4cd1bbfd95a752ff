import SyncCore
import SyncProtocol

/// What the bench does on a stage, beside the scenarios' acts.
extension Stage {
    /// Milliseconds until a screen locks, below what the standing policies ask for: each change of them changes every
    /// handset's policy, by one setting.
    static let firstValue: Int64 = 50_000
    static let secondValue: Int64 = 40_000

    /// Sets one setting for everybody, as an operator does: put and bind in one change set.
    func setOneSetting(to value: Int64) async throws {
        guard let policy = PolicyReference(owner: .root, name: "one-setting") else { return }
        let settings = JSONValue.object(["maximumTimeToLock": .integer(value)])
        var edits = [Edit.putPolicy(policy, settings)]
        if !isOneSettingBound { edits.append(.bind(policy, .unit(.root), nil)) }
        isOneSettingBound = true
        acts += 1
        let intent = "one-setting-\(setting.seed)-\(acts)"
        let receipt = try await setting.client.change(ChangeRequest(intent: intent, base: lastSeq, edits: edits))
        lastSeq = receipt["seq"]?.integer.map { Seq($0) }
        try oracle.pushed(Oracle.Push(policy: policy, target: .root, selector: nil), settings)
    }

    /// A policy of its own for each unit: as many classes as units with handsets.
    func pushToEachUnit() async throws {
        let policies = Set(fleet.members.map(\.unit)).sorted().compactMap { PolicyReference(owner: $0, name: "own") }
        for start in stride(from: 0, to: policies.count, by: 1_000) {
            var edits: [Edit] = []
            for (index, policy) in policies[start..<min(start + 1_000, policies.count)].enumerated() {
                let message = JSONValue.object(["defaultMessage": .string("unit \(start + index)")])
                let body = JSONValue.object(["shortSupportMessage": message])
                edits += [.putPolicy(policy, body), .bind(policy, .unit(policy.owner), nil)]
                try oracle.pushed(Oracle.Push(policy: policy, target: policy.owner, selector: nil), body)
            }
            _ = try await setting.client.change(ChangeRequest(intent: "own-\(start)", edits: edits))
        }
    }

    /// What each handset must hold after a push of one setting to everybody: worked out before, since that takes
    /// longer than the push.
    func targets(ofPush value: Int64) async throws -> [Digest] {
        var told = oracle
        guard let policy = PolicyReference(owner: .root, name: "one-setting") else {
            throw BenchFailure.tooSlow("push")
        }
        try told.pushed(
            Oracle.Push(policy: policy, target: .root, selector: nil),
            .object(["maximumTimeToLock": .integer(value)]))
        return await told.digests(for: fleet)
    }

    /// A push of one setting to everybody while all are polling.
    ///
    /// - Returns: what it took until each held it, and until the server had every report.
    func pushToAll(_ value: Int64, targets: [Digest]) async throws -> Bench.FleetCost {
        let phase = Phase(.watch(targets: targets), handsets: fleet.members.count, wait: 60, untilProven: true)
        driver.begin(phase)
        await untilWaiting(phase)
        try await countAnew()
        phase.restartClock()
        try await setOneSetting(to: value)
        let isComplete = await self.await(phase, "push to \(fleet.members.count) handsets")
        let part = try await part("push", phase).part
        phase.finish()
        guard isComplete else { throw BenchFailure.tooSlow("not every handset held the push") }
        func seconds(_ times: [UInt64?]) -> [Double] { times.compactMap { $0.map { Double($0) / 1e9 } }.sorted() }
        return Bench.FleetCost(
            handsets: fleet.members.count, held: seconds(phase.now.held), proven: seconds(phase.now.arrivals),
            measures: part.measures, notes: part.notes)
    }
}
