import SyncCore

extension World {
    /// Applies a transaction of the log. Total: a line that this version does not know changes nothing but the position.
    ///
    /// - Parameter end: entries after it are left out; a moment within a change set can be asked for too.
    public mutating func apply(_ transaction: Transaction, upTo end: Seq = .max) {
        for entry in transaction.entries where entry.seq <= end {
            if let change = Change(entry) {
                apply(change, entry.stamp(transaction.header))
            } else {
                seq = entry.seq
            }
        }
        sortDevices()
    }

    /// Applies one change at a position. Whoever is done with a transaction's changes calls `sortDevices`.
    mutating func apply(_ change: Change, _ stamp: Stamp) {
        seq = stamp.seq
        switch change {
        case .catalogActivated(let digest):
            activatedCatalog = digest
            policySeq = seq
        case .unitCreated(let path): units.add(path)
        case .policyCreated(let id, let reference):
            policies[id] = Policy(id: id, reference: reference, createdAt: seq)
            policyIDs[reference] = id
            policySeq = seq
        case .settingSet(let id, let key, let value, let isEnforced):
            policies[id]?.write(SettingValue(value, isEnforced: isEnforced), to: key, stamp)
            policySeq = seq
        case .settingRemoved(let id, let key):
            policies[id]?.write(nil, to: key, stamp)
            policySeq = seq
        case .siblingKept(let id, let key, let value): policies[id]?.keepSibling(value, of: key, stamp)
        case .bound(let id, let assignment): bind(id, assignment)
        case .unbound(let id): unbind(id)
        case .tokenIssued(let id, let grant): add(Token(id: id, grant: grant))
        case .tokenRevoked(let id):
            if let hash = tokenHashes[id] { tokens[hash]?.isRevoked = true }
        case .operatorAppointed(let appointed, let hash): appoint(appointed, hash)
        case .operatorDismissed(let name):
            operators[name] = nil
            spendToken(of: name)
        default: applyToDevice(change)
        }
    }

    mutating func bind(_ id: AssignmentID, _ assignment: Assignment) {
        if assignments[id] != nil { remove(id) }
        assignments[id] = assignment
        assignmentsOfPolicy[assignment.policy, default: []].insert(id)
        if assignment.incidentUntil != nil { incidents.insert(id) }
        switch assignment.target {
        case .unit(let path): units.bind(id, at: path)
        case .device(let device): deviceAssignments[device, default: []].append(id)
        }
        for fact in assignment.factsRead { factReaders[fact, default: 0] += 1 }
        policySeq = seq
    }

    private mutating func unbind(_ id: AssignmentID) {
        guard assignments[id] != nil else { return }
        remove(id)
        policySeq = seq
    }

    /// Takes an assignment out of every table; none keeps an empty place.
    private mutating func remove(_ id: AssignmentID) {
        guard let assignment = assignments.removeValue(forKey: id) else { return }
        let policy = assignment.policy
        assignmentsOfPolicy[policy]?.remove(id)
        if assignmentsOfPolicy[policy]?.isEmpty == true { assignmentsOfPolicy[policy] = nil }
        incidents.remove(id)
        switch assignment.target {
        case .unit(let path): units.unbind(id, at: path)
        case .device(let device):
            deviceAssignments[device]?.removeAll { $0 == id }
            if deviceAssignments[device]?.isEmpty == true { deviceAssignments[device] = nil }
        }
        for fact in assignment.factsRead {
            let count = factReaders[fact] ?? 0
            factReaders[fact] = count > 1 ? count - 1 : nil
        }
    }

    mutating func appoint(_ appointed: Operator, _ tokenHash: Digest) {
        if operators[appointed.name] != nil { spendToken(of: appointed.name) }
        operators[appointed.name] = appointed
        operatorNames.insert(appointed.name)
        operatorTokens[tokenHash] = appointed.name
    }

    private mutating func spendToken(of name: OperatorName) {
        for (hash, owner) in operatorTokens where owner == name {
            operatorTokens[hash] = nil
            spentTokens.insert(hash)
        }
    }

    /// The credentials that were redeemed once and open nothing now: they follow from tokens and devices.
    mutating func spendRedeemed() {
        for token in tokens.values {
            for (hash, id) in token.redemptions where devices[id]?.credentialHash != hash {
                spentCredentials.insert(hash)
            }
        }
    }

    mutating func add(_ token: Token) {
        tokens[token.grant.hash] = token
        tokenHashes[token.id] = token.grant.hash
        if let device = token.device, token.id.seq != device.seq {
            let newest = reissuedTokens[device] ?? token.id
            reissuedTokens[device] = max(newest, token.id)
        }
    }
}

extension Assignment {
    /// The facts that its selector reads, each once.
    fileprivate var factsRead: Set<Facts.Name> { Set((selector?.facts ?? []).map(\.name)) }
}
