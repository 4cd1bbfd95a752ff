import SyncCore

/// What operators ask of the engine.
extension Engine {
    /// A plan that an operator was shown, as he sends it back.
    public struct PlanReference: Hashable, Sendable {
        public let seq: Seq
        public let hash: Digest

        public init(seq: Seq, hash: Digest) {
            self.seq = seq
            self.hash = hash
        }
    }

    /// How often a change is worked out anew because the policies moved under it.
    private static let attempts = 4

    /// Works out what a change set would do, without doing it. An author who names no base has seen what is there now.
    public func plan(_ changeSet: ChangeSet, by author: Operator) async throws(Refusal) -> Plan {
        let world = snapshot.world
        let bases = try await bases(of: changeSet, default: world.seq, in: world)
        return try plan(changeSet, by: author, on: world, bases)
    }

    private func plan(
        _ changeSet: ChangeSet, by author: Operator, on world: World, _ bases: Bases
    ) throws(Refusal) -> Plan {
        var draft = Draft(
            world: world, author: author.name.text, now: now(), conflictMode: changeSet.mode, bases: bases)
        try draft.perform(changeSet, by: author)
        let plan = Planner.plan(draft, edits: changeSet.edits, from: world)
        guard plan.broken.isEmpty else { throw .constraintBroken(plan.broken) }
        return plan
    }

    /// Does a change set, if it is what the plan showed.
    ///
    /// The plan is worked out outside the writer; inside it only the position of the policies is compared.
    public func apply(
        _ changeSet: ChangeSet, by author: Operator, plan expected: PlanReference? = nil
    ) async throws(Refusal) -> Receipt {
        for _ in 0..<Self.attempts {
            let world = snapshot.world
            let isKnown = await knows(changeSet, of: author)
            let bases = try await bases(of: changeSet, default: expected?.seq ?? 0, in: world)
            let isBound = isKnown ? false : try await check(changeSet, by: author, expected, on: world, bases)
            let outcome = await queue.submit(
                proposal(changeSet, by: author, policySeq: isBound ? world.policySeq : nil, bases))
            if case .failure(.busy) = outcome { continue }
            return try outcome.get()
        }
        throw .busy
    }

    /// What the author had seen of each policy that he writes.
    private func bases(
        of changeSet: ChangeSet, default position: Seq, in world: World
    ) async throws(Refusal) -> Bases {
        var bases = Bases(default: changeSet.base ?? position)
        for place in bases.missing(for: changeSet.edits, in: world) {
            // What nobody can have seen yet may be written by another before this is.
            guard place.seq <= world.seq else { throw .baseAhead(place.seq, head: world.seq) }
            guard let policy = world.policies[place.policy] else { continue }
            if policy.revision <= place.seq {
                bases[place.policy, at: place.seq] = Bases.Seen(policy.values)
                continue
            }
            guard let seen = try? await store.read({ try self.past.seen(policy, at: place.seq, in: $0, as: world) })
            else { throw .unavailable }
            bases[place.policy, at: place.seq] = seen
        }
        return bases
    }

    /// Whether the log has this change already: a replay is answered from it, whatever the World is now.
    private func knows(_ changeSet: ChangeSet, of author: Operator) async -> Bool {
        let (name, intent) = (author.name.text, changeSet.intent)
        return (try? await store.read { try $0.transaction(author: name, intent: intent) != nil }) ?? false
    }

    /// Checks what must hold for whole classes; true when the outcome rests on the policies as they are now.
    private func check(
        _ changeSet: ChangeSet, by author: Operator, _ expected: PlanReference?, on world: World, _ bases: Bases
    ) async throws(Refusal) -> Bool {
        if let expected {
            let current = try plan(changeSet, by: author, on: world, bases)
            guard current.hash == expected.hash else {
                throw .planStale(await drift(since: expected.seq, in: world, for: author))
            }
            return true
        }
        guard mayBreakConstraints(changeSet.edits, in: world) else { return false }
        _ = try plan(changeSet, by: author, on: world, bases)
        return true
    }

    /// The entries since a plan that can change what devices resolve to, as far as the reader may see them.
    private func drift(since seq: Seq, in world: World, for reader: Operator) async -> PlanDrift {
        let later = (try? await log(after: seq, limit: 100))?.transactions ?? []
        let moved = later.flatMap(\.entries).filter { entry in
            entry.seq > seq && reader.maySee(entry, in: world)
                && ["policy/", "assignment/", "catalog"].contains { entry.subject.hasPrefix($0) }
        }
        return PlanDrift(
            plannedSeq: seq, currentSeq: world.seq, moved: moved.prefix(20).map { "\($0.seq) \($0.subject) \($0.key)" })
    }

    /// Only settings with a constraint can break one, so that other changes cost nothing per class.
    private func mayBreakConstraints(_ edits: [Edit], in world: World) -> Bool {
        let keys = world.catalog.settings.values.filter { $0.constraint != nil }.map(\.key)
        return edits.contains { edit in
            switch edit {
            case .putPolicy(_, let json, _): keys.contains { json.mentions($0) }
            case .bind(let reference, _, _, _):
                keys.contains { world.policy(reference)?.settings[$0]?.current != nil }
            case .settle(_, let key, _, _): keys.contains(key)
            case .move, .tag:
                keys.contains { key in world.policies.values.contains { $0.settings[key]?.current != nil } }
            default: false
            }
        }
    }

    private func proposal(
        _ changeSet: ChangeSet, by author: Operator, policySeq: Seq?, _ bases: Bases
    ) -> Proposal {
        Proposal(
            author: author.name.text, intent: changeSet.intent, reason: changeSet.reason, request: changeSet.request,
            conflictMode: changeSet.mode, bases: bases
        ) { draft throws(Refusal) in
            // Rights are those at the moment of writing, not those when the request came in.
            guard let current = draft.world.operators[author.name] else { throw .unknownOperator(author.name) }
            if let policySeq, draft.world.policySeq != policySeq { throw .busy }
            try draft.perform(changeSet, by: current)
        }
    }
}

extension JSONValue {
    /// Whether a policy, in either of its shapes, may set this key.
    fileprivate func mentions(_ key: String) -> Bool {
        let settings = self["settings"] ?? self
        return settings[key] != nil || settings[String(key.prefix { $0 != "." })] != nil
    }
}
