import SyncClient
import SyncCore
import SyncProtocol

extension Stage {
    private static let contenders = 8
    private static let rounds = 60

    /// Operators edit overlapping settings of shared policies while every handset waits for news; then the log is held
    /// against what each of them saw, and the handsets against what the log says.
    func tugOfWar() async throws {
        let policies = try await sharedPolicies()
        let contenders = try await appoint(policies)
        let watch = Phase(
            .watch(targets: fleet.members.map { _ in Digest(hashing: []) }), handsets: fleet.members.count, wait: 2)
        driver.begin(watch)
        try await countAnew()
        watch.restartClock()
        setting.say("tug of war: \(Self.contenders) operators, \(Self.rounds) edits each, \(policies.count) policies")
        var history = History()
        try await withThrowingTaskGroup(of: [History.Operation].self) { group in
            for contender in contenders { group.addTask { try await contender.play() } }
            for try await operations in group { history.operations += operations }
        }
        var part = try await part("tug of war", watch).part
        watch.finish()
        history.writes = try await writes(to: policies)
        part.name += ", \(history.summary)"
        report.parts.append(part)
        if setting.plantsFault { _ = history.writes.popLast() }
        report.findings += HistoryChecker(history, siblings: try await openSiblings()).findings()
        oracle.settled(policies.map { ($0, history.standing(in: $0.id)) })
        try await rollCall()
    }

    /// A policy as the log and people name it.
    struct Shared: Sendable {
        let reference: PolicyReference
        /// `p12`.
        let id: String
        let target: OrgPath
    }

    /// One at the root, one at an agency, one at a unit, each with something in it.
    private func sharedPolicies() async throws -> [Shared] {
        let unit = fleet.aim
        var shared: [Shared] = []
        for target in [.root, unit.agency ?? .root, unit] {
            guard let policy = PolicyReference(owner: target, name: "shared") else { continue }
            let request = ChangeRequest(
                intent: "shared-\(setting.seed)-\(target)",
                edits: [
                    .putPolicy(policy, .object(["maximumTimeToLock": .integer(600_000)])),
                    .bind(policy, .unit(target), nil),
                ])
            _ = try await setting.client.change(request)
            let id = try await setting.client.get("/v1/policy", [("name", policy.description)])["id"]?.string ?? ""
            shared.append(Shared(reference: policy, id: id, target: target))
        }
        return shared
    }

    private func appoint(_ policies: [Shared]) async throws -> [Contender] {
        var contenders: [Contender] = []
        for number in 0..<Self.contenders {
            let token = Secret.make()
            guard let name = OperatorName("tug-\(setting.seed)-\(number)") else { continue }
            let edit = Edit.appoint(Operator(name: name, role: .admin, unit: .root), tokenHash: Secret.hash(token))
            _ = try await setting.client.change(ChangeRequest(intent: "appoint-\(name)", edits: [edit]))
            contenders.append(
                Contender(
                    name: name.text, client: setting.client.authenticated(by: token),
                    policies: policies.map(\.reference), rounds: Self.rounds, seed: setting.seed &+ UInt64(number)))
        }
        return contenders
    }

    /// The log's writes to some policies, page by page.
    private func writes(to policies: [Shared]) async throws -> [History.Write] {
        let ids = Set(policies.map(\.id))
        var writes: [History.Write] = []
        var after: Int64 = 0
        while true {
            let query = [("after", String(after)), ("limit", "1000"), ("subject", "policy/")]
            let page = try await setting.client.get("/v1/log", query)
            writes += History.Write.all(in: page).filter { ids.contains($0.policy) }
            guard let next = page["next"]?.integer, let head = page["head"]?.integer, next > after, next < head else {
                return writes
            }
            after = next
        }
    }

    private func openSiblings() async throws -> Set<Seq> {
        let conflicts = try await setting.client.get("/v1/conflicts")["conflicts"]?.array ?? []
        return Set(conflicts.flatMap { $0["siblings"]?.array ?? [] }.compactMap { $0["seq"]?.integer.map { Seq($0) } })
    }
}

extension History {
    /// What stands of a policy at the end, each setting with the position of the write that changed its value last.
    func standing(in policy: String) -> [String: (value: JSONValue, isEnforced: Bool, seq: Seq)] {
        var standing: [String: (value: JSONValue, isEnforced: Bool, seq: Seq)] = [:]
        for write in writes where write.policy == policy && write.counts {
            guard let value = write.value?["value"] else {
                standing[write.key] = nil
                continue
            }
            let seq = standing[write.key].flatMap { $0.value == value ? $0.seq : nil } ?? write.seq
            standing[write.key] = (value, write.value?["enforced"] == .bool(true), seq)
        }
        return standing
    }

    fileprivate var summary: String {
        var counts = (accepted: 0, refused: 0, unknown: 0)
        for operation in operations {
            switch operation.outcome {
            case .accepted: counts.accepted += 1
            case .refused: counts.refused += 1
            case .unknown: counts.unknown += 1
            }
        }
        let kinds = ["merged", "forced", "sibling"].map { kind in "\(writes.count { $0.outcome == kind }) \(kind)" }
        return "\(counts.accepted) puts done, \(counts.refused) refused, \(counts.unknown) unanswered; "
            + kinds.joined(separator: ", ")
    }
}
