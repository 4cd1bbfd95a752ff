import SyncCore
import SyncStore

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
        let bases = try await bases(of: changeSet, by: author, default: world.seq, in: world)
        return try await pools.plans.run { () throws(Refusal) in
            try self.plan(changeSet, by: author, on: world, bases)
        }
    }

    private func plan(
        _ changeSet: ChangeSet, by author: Operator, on world: World, _ bases: Bases
    ) throws(Refusal) -> Plan {
        try draft(changeSet, by: author, on: world, bases).plan(changeSet.edits)
    }

    private func draft(
        _ changeSet: ChangeSet, by author: Operator, on world: World, _ bases: Bases
    ) throws(Refusal) -> Draft {
        var draft = Draft(
            world: world, author: author.name.text, now: now(), conflictMode: changeSet.mode, bases: bases)
        try draft.perform(changeSet, by: author)
        return draft
    }

    /// Does a change set, if it is what the plan showed.
    ///
    /// The plan is worked out here, outside the log's lane; there it is worked out again only if something that it rests on
    /// has moved meanwhile.
    public func apply(
        _ changeSet: ChangeSet, by author: Operator, plan expected: PlanReference? = nil
    ) async throws(Refusal) -> Receipt {
        for _ in 0..<Self.attempts {
            let world = snapshot.world
            let bases = try await bases(of: changeSet, by: author, default: expected?.seq ?? 0, in: world)
            let check = try await check(changeSet, by: author, expected, on: world, bases)
            let outcome = await queue.submit(proposal(changeSet, by: author, check, bases))
            if case .failure(.busy) = outcome { continue }
            return try outcome.get()
        }
        throw .busy
    }

    /// What the author had seen of each policy that they write, and may write: of others nothing is read.
    private func bases(
        of changeSet: ChangeSet, by author: Operator, default position: Seq, in world: World
    ) async throws(Refusal) -> Bases {
        for reference in changeSet.edits.compactMap(\.writtenPolicy) {
            if let denial = author.denial(of: .writePolicy(owner: reference.owner)) { throw .denied(denial) }
        }
        var bases = Bases(default: changeSet.base ?? position)
        let places = bases.missing(for: changeSet.edits, in: world)
        let applied = Set(changeSet.edits.compactMap(\.appliedPolicy)).compactMap { world.policy($0) }
        guard places.count + applied.count <= Limits.basesOfChangeSet else {
            throw .tooMuchWork(
                "\(places.count + applied.count) bases of policies written since, expected \(Limits.basesOfChangeSet)")
        }
        for place in places {
            // What nobody can have seen yet may be written by another before this is.
            guard place.seq <= world.seq else { throw .baseAhead(place.seq, head: world.seq) }
            guard let policy = world.policies[place.policy] else { continue }
            bases[place.policy, at: place.seq] = try await read {
                try self.past.seen(policy, at: place.seq, in: $0, as: world)
            }
        }
        for policy in applied {
            let name = author.name.text
            bases[appliedTo: policy.id] = try await read {
                try self.past.applied(to: policy, by: name, in: $0, as: world)
            }
        }
        return bases
    }

    private func read<T: Sendable>(
        _ body: @escaping @Sendable (any StoreReader) throws -> T
    ) async throws(Refusal) -> T {
        do {
            return try await store.read(body)
        } catch {
            throw Refusal(reading: error)
        }
    }

    /// Whether the log has this change already: a replay is answered from it, whatever the World is now.
    private func knows(_ changeSet: ChangeSet, of author: Operator) async -> Bool {
        let (name, intent) = (author.name.text, changeSet.intent)
        return (try? await store.read { try $0.transaction(author: name, intent: intent) != nil }) ?? false
    }

    /// Checks what must hold for whole classes.
    ///
    /// - Returns: what the log's lane must confirm.
    private func check(
        _ changeSet: ChangeSet, by author: Operator, _ expected: PlanReference?, on world: World, _ bases: Bases
    ) async throws(Refusal) -> PlanCheck {
        // If the log forgets it before it is looked for in the lane, it is a new change, and checked there.
        guard await !knows(changeSet, of: author) else { return PlanCheck(expected: expected?.hash, basis: nil) }
        if let expected {
            let current = try await checkedPlan(changeSet, by: author, on: world, bases)
            guard current.hash == expected.hash else {
                throw .planStale(await drift(since: expected.seq, in: world, for: author))
            }
        } else if try await !checkedConstraints(changeSet, by: author, on: world, bases) {
            return PlanCheck(expected: nil, basis: nil)
        }
        return PlanCheck(expected: expected?.hash, basis: PlanBasis(of: world))
    }

    /// - Returns: whether there was anything to check.
    private func checkedConstraints(
        _ changeSet: ChangeSet, by author: Operator, on world: World, _ bases: Bases
    ) async throws(Refusal) -> Bool {
        guard changeSet.edits.contains(where: \.mayMoveClasses) else { return false }
        return try await pools.changes.run { () throws(Refusal) in
            let draft = try self.draft(changeSet, by: author, on: world, bases)
            guard draft.mayBreakConstraints else { return false }
            _ = try draft.plan(changeSet.edits)
            return true
        }
    }

    private func checkedPlan(
        _ changeSet: ChangeSet, by author: Operator, on world: World, _ bases: Bases
    ) async throws(Refusal) -> Plan {
        try await pools.changes.run { () throws(Refusal) in try self.plan(changeSet, by: author, on: world, bases) }
    }

    /// The entries since a plan that can change what devices resolve to, as far as the reader may see them.
    private func drift(since seq: Seq, in world: World, for reader: Operator) async -> PlanDrift {
        let later = (try? await log(after: seq, atMost: Limits.driftLookedThrough))?.parts ?? []
        let moved = later.flatMap(\.entries).filter { entry in
            entry.seq > seq && reader.maySee(entry, in: world)
                && ["policy/", "assignment/", "catalog"].contains { entry.subject.hasPrefix($0) }
        }
        return PlanDrift(
            plannedSeq: seq, currentSeq: world.seq, moved: moved.prefix(20).map { "\($0.seq) \($0.subject) \($0.key)" })
    }

    private func proposal(
        _ changeSet: ChangeSet, by author: Operator, _ check: PlanCheck, _ bases: Bases
    ) -> Proposal {
        Proposal(
            author: author.name.text, intent: changeSet.intent, reason: changeSet.reason, request: changeSet.request,
            conflictMode: changeSet.mode, bases: bases, userDevices: Set(changeSet.edits.flatMap(\.userDevices))
        ) { draft throws(Refusal) in
            // Rights are those at the moment of writing, not those when the request came in.
            guard let current = draft.world.operators[author.name] else { throw .unknownOperator(author.name) }
            try draft.perform(changeSet, by: current)
            try check.confirm(draft, changeSet.edits)
        }
    }
}

extension Edit {
    /// The policy whose settings it writes.
    fileprivate var writtenPolicy: PolicyReference? {
        if case .putPolicy(let reference, _, _) = self { reference } else { appliedPolicy }
    }

    fileprivate var appliedPolicy: PolicyReference? {
        if case .applyPolicy(let reference, _) = self { reference } else { nil }
    }

    /// Whether it can change what some class resolves to.
    fileprivate var mayMoveClasses: Bool {
        switch self {
        case .putPolicy, .applyPolicy, .settle, .bind, .unbind, .move, .tag: true
        default: false
        }
    }

    /// Devices whose user documents it writes or reads.
    fileprivate var userDevices: [DeviceID] {
        switch self {
        case .editUser(let id, _, _): [id]
        case .replace(let old, let new): [old, new]
        default: []
        }
    }
}
