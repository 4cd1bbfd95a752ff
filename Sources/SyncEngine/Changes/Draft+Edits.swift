import SyncCore

extension Draft {
    /// Does a change set in an operator's name, or refuses it.
    mutating func perform(_ changeSet: ChangeSet, by author: Operator) throws(Refusal) {
        if let epoch = changeSet.epoch, epoch != world.epoch { throw .otherEpoch(epoch, current: world.epoch) }
        guard changeSet.mode != .force || changeSet.reason != nil else { throw .reasonNeeded }
        for edit in changeSet.edits {
            try spend(1)
            try perform(edit, by: author)
        }
        guard conflicts.isEmpty else { throw .conflicting(Set(conflicts).sorted()) }
        try checkPolicies()
        finish()
    }

    /// Does one edit in an operator's name, or refuses it.
    private mutating func perform(_ edit: Edit, by author: Operator) throws(Refusal) {
        switch edit {
        case .createUnit(let path): try createUnit(path, author)
        case .putPolicy(let reference, let json, let base): try putPolicy(reference, json, base, author)
        case .applyPolicy(let reference, let json): try applyPolicy(reference, json, author)
        case .settle(let reference, let key, let sibling, let base): try settle(reference, key, sibling, base, author)
        case .bind(let reference, let target, let selector, let end): try bind(reference, target, selector, end, author)
        case .unbind(let id): try unbind(id, author)
        case .issueToken(let grant): try issueToken(grant, author)
        case .revokeToken(let id): try revokeToken(id, author)
        case .reissueToken(let id, let hash, let expires): try reissueToken(id, hash, expires, author)
        case .provision(let rows): try provision(rows, author)
        case .tag(let id, let added, let removed): try tag(id, added, removed, author)
        case .move(let id, let path): try move(id, path, author)
        case .revoke(let id): try remove(id, author, Change.deviceRevoked)
        case .retire(let id): try remove(id, author, Change.deviceRetired)
        case .editUser(let id, let edit, let seen): try editUser(id, edit, seen, author)
        case .replace(let old, let new): try replace(old, with: new, author)
        case .appoint(let appointed, let hash): try appoint(appointed, hash, author)
        case .dismiss(let name): try dismiss(name, author)
        }
    }

    func check(_ action: Action, _ author: Operator) throws(Refusal) {
        if let denial = author.denial(of: action) { throw .denied(denial) }
    }

    func checkUnit(_ path: OrgPath) throws(Refusal) {
        guard world.hasUnit(path) else { throw .unknownUnit(path) }
    }

    private mutating func createUnit(_ path: OrgPath, _ author: Operator) throws(Refusal) {
        try check(.createUnit(path), author)
        guard !world.hasUnit(path) else { throw .unitExists(path) }
        if let parent = path.parent { try checkUnit(parent) }
        add(.unitCreated(path))
    }

    private mutating func bind(
        _ reference: PolicyReference, _ target: Assignment.Target, _ selector: Selector?, _ end: Int64?,
        _ author: Operator
    ) throws(Refusal) {
        let path: OrgPath
        switch target {
        case .unit(let unit):
            path = unit
            try checkUnit(unit)
        case .device(let id): path = try device(id, author).unit
        }
        if let end {
            try check(.bindIncident(policyOwner: reference.owner, target: path), author)
            guard (now + 1...now + Limits.incidentMilliseconds).contains(end) else {
                throw .incidentTime(end, now: now)
            }
        } else {
            try check(.bind(policyOwner: reference.owner, target: path), author)
        }
        guard let policy = world.policy(reference) else { throw .unknownPolicy(reference) }
        let assignment = Assignment(
            policy: policy.id, target: target, selector: selector, incidentUntil: end)
        if let selector, !selector.facts.isEmpty {
            try checkTightening(policy)
            notes.append(
                "the selector \(selector) reads what devices report of themselves: one that reports falsely forgoes "
                    + "this policy")
        }
        // Binding again changes nothing, so that `push` can be said twice.
        guard !world.assignments(of: policy.id).contains(assignment) else { return }
        add(.bound(AssignmentID(seq: nextSeq), assignment))
    }

    private mutating func unbind(_ id: AssignmentID, _ author: Operator) throws(Refusal) {
        guard let assignment = world.assignments[id], author.denial(of: .read(world.unit(of: assignment))) == nil else {
            throw .unknownAssignment(id)
        }
        try check(.unbind(target: world.unit(of: assignment)), author)
        if assignment.incidentUntil != nil { try checkIncident(assignment, author) }
        add(.unbound(id))
    }

    private mutating func issueToken(_ grant: EnrolmentToken, _ author: Operator) throws(Refusal) {
        try check(.issueToken(grant.unit), author)
        try checkUnit(grant.unit)
        guard !world.isTaken(grant.hash) else { throw .tokenExists }
        guard grant.expires > now else { throw .tokenExpired }
        add(.tokenIssued(TokenID(seq: nextSeq), grant))
    }

    private mutating func revokeToken(_ id: TokenID, _ author: Operator) throws(Refusal) {
        guard let token = world.token(id), author.denial(of: .read(token.grant.unit)) == nil else {
            throw .unknownToken(id.description)
        }
        try check(.issueToken(token.grant.unit), author)
        if !token.isRevoked { add(.tokenRevoked(id)) }
    }

    private mutating func appoint(_ appointed: Operator, _ hash: Digest, _ author: Operator) throws(Refusal) {
        if !author.mayRenewItself(as: appointed) { try check(.appoint(appointed.unit), author) }
        try checkUnit(appointed.unit)
        // The same office again is a new token for it, and the old one opens nothing any more.
        let known = world.operators[appointed.name]
        guard known.map({ $0.renews(appointed) }) ?? true, !Author.all.contains(appointed.name.text) else {
            throw .operatorExists(appointed.name)
        }
        guard !world.isTaken(hash) else { throw .tokenExists }
        if let expires = appointed.expires, expires <= now { throw .tokenExpired }
        if appointed.expires != nil { try checkRemains(otherThan: appointed.name) }
        if known == nil, world.operatorNames.contains(appointed.name) {
            notes.append("\(appointed.name) was somebody's name before: what the log has of that name may be theirs")
        }
        add(.operatorAppointed(appointed, tokenHash: hash))
    }

    private mutating func dismiss(_ name: OperatorName, _ author: Operator) throws(Refusal) {
        guard let dismissed = world.operators[name], author.denial(of: .read(dismissed.unit)) == nil else {
            throw .unknownOperator(name)
        }
        try check(.appoint(dismissed.unit), author)
        try checkRemains(otherThan: name)
        add(.operatorDismissed(name))
    }

    /// Somebody must be left to administer the root unit whose token does not expire; where there is nobody such, somebody
    /// whose token has not yet.
    private func checkRemains(otherThan name: OperatorName) throws(Refusal) {
        let admins = world.operators.values.filter { $0.role == .admin && $0.unit == .root }
        let lasting = admins.filter { $0.expires == nil }
        let counted = lasting.isEmpty ? admins.filter { $0.expires ?? .max > now } : lasting
        if counted.map(\.name) == [name] { throw .lastAdmin }
    }
}

extension World {
    /// The unit whose operators an assignment concerns.
    func unit(of assignment: Assignment) -> OrgPath {
        switch assignment.target {
        case .unit(let path): path
        case .device(let id): devices[id]?.unit ?? .root
        }
    }
}

extension Operator {
    /// Whether another is the same office, of which only the token is new.
    fileprivate func renews(_ other: Operator) -> Bool {
        name == other.name && role == other.role && unit == other.unit
    }

    /// Everybody may have a new token, but for no longer than he was given.
    fileprivate func mayRenewItself(as other: Operator) -> Bool {
        renews(other) && (other.expires ?? .max) <= (expires ?? .max)
    }
}
