import SyncCore

extension Draft {
    /// Makes a policy what its author wants it to be, setting by setting: what they had seen tells what they changed.
    mutating func putPolicy(
        _ reference: PolicyReference, _ json: JSONValue, _ stated: Seq?, _ author: Operator
    ) throws(Refusal) {
        let wanted = try settings(of: reference, in: json, author)
        let base = try base(stated)
        guard let policy = world.policy(reference) else { return create(reference, wanted, base) }
        // A policy made since the author looked was not there for them.
        let seen = bases[policy.id, at: base] ?? Bases.Seen(policy.revision <= base ? policy.values : [:])
        try editSettings(policy, wanted, seen, base, author)
    }

    /// The same for an author who has seen what they wrote themselves, whenever that was.
    mutating func applyPolicy(
        _ reference: PolicyReference, _ json: JSONValue, _ author: Operator
    ) throws(Refusal) {
        let wanted = try settings(of: reference, in: json, author)
        guard let policy = world.policy(reference) else { return create(reference, wanted, 0) }
        let own = bases[appliedTo: policy.id] ?? Bases.Seen([:])
        try editSettings(policy, wanted, own, 0, author, restating: true)
    }

    private mutating func settings(
        of reference: PolicyReference, in json: JSONValue, _ author: Operator
    ) throws(Refusal) -> [String: SettingValue] {
        try checkWriting(reference, author)
        try checkUnit(reference.owner)
        do {
            let reading = try PolicyReader.read(json, catalog: world.catalog)
            notes += reading.notes
            return reading.body.settings
        } catch {
            throw .policyRefused(reference, error)
        }
    }

    private mutating func create(_ reference: PolicyReference, _ wanted: [String: SettingValue], _ base: Seq) {
        let id = PolicyID(seq: nextSeq)
        add(.policyCreated(id, reference))
        for key in wanted.keys.sorted(by: { $0.precedesInBytes($1) }) { write(wanted[key], to: key, of: id, base) }
    }

    /// Does the edit of each setting.
    ///
    /// - Parameters:
    ///   - base: where the author had seen a setting that has no position of its own.
    ///   - restating: the author says what shall be and not what they changed, so that a setting that others have written
    ///     over is an edit also where they say of it what they said before.
    private mutating func editSettings(
        _ policy: Policy, _ wanted: [String: SettingValue], _ seen: Bases.Seen, _ base: Seq, _ author: Operator,
        restating: Bool = false
    ) throws(Refusal) {
        var seen = seen
        // What this change set did to it, its author has seen.
        for (key, setting) in policy.settings where made(setting.lastSeq) {
            seen.values[key] = setting.current
            seen.forgotten.remove(key)
        }
        let keys = Set(wanted.keys).union(seen.values.keys).union(seen.forgotten).sorted { $0.precedesInBytes($1) }
        try spend(keys.count)
        var isMerged = false
        for key in keys {
            let base = seen.positions[key] ?? base
            let isStated = restating && wanted[key] != nil
            isMerged = try edit(policy, key, wanted: wanted[key], seen, base, author, isStated: isStated) || isMerged
        }
        noteWhatStays(policy.id, beside: wanted, seen)
        // What others wrote since they looked stays beside what they write: the whole of it was nobody's body yet.
        if isMerged || policy.revision > base { mergedPolicies.insert(policy.id) }
        writtenPolicies.insert(policy.id)
    }

    /// Settings that the author's body does not have, and that stay because they had not seen them.
    private mutating func noteWhatStays(_ id: PolicyID, beside wanted: [String: SettingValue], _ seen: Bases.Seen) {
        guard let policy = world.policies[id] else { return }
        let kept = policy.values.keys.filter {
            wanted[$0] == nil && seen.values[$0] == nil && !seen.forgotten.contains($0)
        }
        guard !kept.isEmpty else { return }
        let names = kept.sorted { $0.precedesInBytes($1) }
        let more = names.count > 10 ? " and \(names.count - 10) more" : ""
        notes.append(
            "\(policy.reference): \(names.prefix(10).joined(separator: ", "))\(more) stay, which others wrote and you had not "
                + "seen; to take them out, read the policy and put it again")
    }

    /// Ends the conflicts of one setting: what stands stays, or a sibling takes its place.
    mutating func settle(
        _ reference: PolicyReference, _ key: String, _ taken: Seq?, _ stated: Seq?, _ author: Operator
    ) throws(Refusal) {
        try checkWriting(reference, author)
        guard let policy = world.policy(reference) else { throw .unknownPolicy(reference) }
        let base = try base(stated)
        guard let setting = policy.settings[key], !setting.siblings.isEmpty else { throw .noConflict(reference, key) }
        var value = setting.current
        if let taken {
            guard let sibling = setting.siblings.first(where: { $0.stamp.seq == taken }) else {
                throw .noConflict(reference, "\(key) at \(taken)")
            }
            value = sibling.value
        }
        guard setting.lastSeq <= base || made(setting.lastSeq) else {
            return conflicts.append(conflict(policy, key, setting, wanted: value, seen: nil, base))
        }
        write(value, to: key, of: policy.id, base)
        mergedPolicies.insert(policy.id)
        writtenPolicies.insert(policy.id)
    }

    /// Writing a policy does what binding it did, wherever it is bound: it needs what the strongest binding needed.
    private func checkWriting(_ reference: PolicyReference, _ author: Operator) throws(Refusal) {
        try check(.writePolicy(owner: reference.owner), author)
        guard let policy = world.policy(reference) else { return }
        for assignment in world.assignments(of: policy.id) where assignment.incidentUntil != nil {
            try checkIncident(assignment, author)
        }
    }

    /// What must hold of whole policies: once a change set, however often it writes to them.
    func checkPolicies() throws(Refusal) {
        for id in mergedPolicies.sorted() { try checkWhole(id) }
        for id in writtenPolicies.sorted() { try checkBoundByFacts(id) }
    }

    /// What is bound by devices' own reports must only tighten, also when it is written later.
    private func checkBoundByFacts(_ id: PolicyID) throws(Refusal) {
        let isBound = world.assignments(of: id).contains { $0.selector?.facts.isEmpty == false }
        if isBound, let policy = world.policies[id] { try checkTightening(policy) }
    }

    func checkTightening(_ policy: Policy) throws(Refusal) {
        let problems = TightenOnly.problems(of: policy.body, catalog: world.catalog)
        guard problems.isEmpty else { throw .loosensByFacts(policy.reference, problems) }
    }

    /// Does one setting's edit, or finds that it conflicts; true when it was taken together with another's.
    private mutating func edit(
        _ policy: Policy, _ key: String, wanted: SettingValue?, _ all: Bases.Seen, _ base: Seq, _ author: Operator,
        isStated: Bool
    ) throws(Refusal) -> Bool {
        let setting = world.policies[policy.id]?.settings[key] ?? Policy.Setting()
        let (seen, isForgotten) = (all.values[key], all.forgotten.contains(key))
        // What the author left as it was is no edit of his; what stands already needs none.
        let isRepeated = !isForgotten && wanted == seen
        guard !isRepeated || isStated, wanted != setting.current else { return false }
        if setting.lastSeq <= base || made(setting.lastSeq) {
            write(wanted, to: key, of: policy.id, base)
            return false
        }
        // Without what the author saw, nobody knows what he changed.
        if isRepeated {
            // Of a list all that they say again may stand there still, among what others say.
            if wanted?.value.array != nil, merge(key, wanted, nil, setting.current) == setting.current { return true }
        } else if !isForgotten, let merged = merge(key, wanted, seen, setting.current) {
            if merged != setting.current { write(merged, to: key, of: policy.id, base, .merged) }
            return true
        }
        let conflict = conflict(policy, key, setting, wanted: wanted, seen: seen, isForgotten: isForgotten, base)
        switch conflictMode {
        case .strict: conflicts.append(conflict)
        case .merge
        where isRepeated && setting.siblings.contains { $0.value == wanted && $0.stamp.author == author.name.text }:
            notes.append(conflict.note("your value is kept beside it as a sibling already"))
        case .merge:
            add(.siblingKept(policy.id, key: key, wanted), base: base, outcome: .sibling)
            notes.append(conflict.note("your value is kept beside it as a sibling"))
        case .force:
            try check(.forcePolicy(owner: policy.reference.owner), author)
            write(wanted, to: key, of: policy.id, base, .forced)
            notes.append(conflict.note("it is kept as a sibling of your value"))
        }
        return false
    }

    /// Both edits together, where the setting's strategy allows it.
    private func merge(
        _ key: String, _ yours: SettingValue?, _ seen: SettingValue?, _ theirs: SettingValue?
    ) -> SettingValue? {
        guard let strategy = world.catalog.settings[key]?.strategy, case let merge = ThreeWay(strategy),
            merge.takesDifferences, let yours, let theirs,
            case .merged(let value?) = merge.merge(base: seen?.value, yours: yours.value, theirs: theirs.value)
        else { return nil }
        // Of two states one was there before: whoever left it has changed it.
        let isEnforced = yours.isEnforced == (seen?.isEnforced ?? false) ? theirs.isEnforced : yours.isEnforced
        return SettingValue(value, isEnforced: isEnforced)
    }

    private mutating func write(
        _ value: SettingValue?, to key: String, of id: PolicyID, _ base: Seq, _ outcome: Entry.Outcome = .applied
    ) {
        let change =
            value.map { Change.settingSet(id, key: key, value: $0.value, isEnforced: $0.isEnforced) }
            ?? .settingRemoved(id, key: key)
        add(change, base: base, outcome: outcome)
    }

    /// Values that are right one by one may be wrong together.
    private func checkWhole(_ id: PolicyID) throws(Refusal) {
        guard let policy = world.policies[id], case let body = policy.body else { return }
        do {
            let enforced = JSONValue.array(body.enforced.sorted().map(JSONValue.string))
            _ = try PolicyReader.read(values: .object(body.values), enforced: enforced, catalog: world.catalog)
        } catch {
            throw .mergeRefused(policy.reference, error)
        }
    }

    private func base(_ stated: Seq?) throws(Refusal) -> Seq {
        let base = stated ?? bases.default
        guard base < nextSeq else { throw .baseAhead(base, head: world.seq) }
        return base
    }

    private func conflict(
        _ policy: Policy, _ key: String, _ setting: Policy.Setting, wanted: SettingValue?, seen: SettingValue?,
        isForgotten: Bool = false, _ base: Seq
    ) -> Conflict {
        // Who saw what stands may still have missed an edit that crossed it.
        if let sibling = setting.siblings.last, setting.written?.seq ?? 0 <= base {
            return Conflict(
                policy: policy.reference, key: key, base: base, seen: seen, yours: wanted, theirs: sibling.value,
                written: sibling.stamp, isStanding: false, isForgotten: isForgotten)
        }
        return Conflict(
            policy: policy.reference, key: key, base: base, seen: seen, yours: wanted, theirs: setting.current,
            written: setting.written ?? Stamp(seq: 0, author: Author.system, received: 0), isStanding: true,
            isForgotten: isForgotten)
    }
}

extension Conflict {
    fileprivate func note(_ outcome: String) -> String {
        "\(policy) \(key): \(written.author) wrote it at \(written.seq), which you had not seen; \(outcome)"
    }
}
