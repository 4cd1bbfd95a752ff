import SyncCore

extension Draft {
    /// A device that the operator may see; to him, one outside his unit does not exist.
    func device(_ id: DeviceID, _ author: Operator) throws(Refusal) -> Device {
        guard let device = world.devices[id], author.denial(of: .read(device.unit)) == nil else {
            throw .unknownDevice(id.description)
        }
        return device
    }

    mutating func tag(
        _ id: DeviceID, _ added: Set<Tag>, _ removed: Set<Tag>, _ author: Operator
    ) throws(Refusal) {
        let device = try device(id, author)
        try check(.tagDevice(device.unit), author)
        try checkNotRetired(device)
        let tags = device.tags.union(added).subtracting(removed)
        guard tags != device.tags else { return }
        try keepingIncidents(of: device, for: author) { $0.add(.deviceTagged(id, tags)) }
    }

    mutating func move(_ id: DeviceID, _ path: OrgPath, _ author: Operator) throws(Refusal) {
        let device = try device(id, author)
        try checkUnit(path)
        try check(.moveDevice(from: device.unit, to: path), author)
        try checkNotRetired(device)
        guard path != device.unit else { return }
        try keepingIncidents(of: device, for: author) { draft in
            draft.add(.deviceMoved(id, path))
            draft.endForeignBindings(of: id, in: path)
        }
    }

    /// What the operators of its former unit had bound to the device alone: they have no say in it any more.
    private mutating func endForeignBindings(of id: DeviceID, in path: OrgPath) {
        for assignment in (world.deviceAssignments[id] ?? []).sorted() {
            guard let bound = world.assignments[assignment],
                let policy = world.policies[bound.policy]?.reference, !policy.owner.contains(path)
            else { continue }
            add(.unbound(assignment))
            notes.append(
                "\(policy) is bound to \(id) no longer: it belongs to \(policy.owner), which \(path) is not in")
        }
    }

    mutating func remove(
        _ id: DeviceID, _ author: Operator, _ change: (DeviceID) -> Change
    ) throws(Refusal) {
        let device = try device(id, author)
        try check(.removeDevice(device.unit), author)
        try checkNotRetired(device)
        let change = change(id)
        if case .deviceRevoked = change, device.state != .enrolled { throw .notEnrolled(id, device.state) }
        add(change)
    }

    private func checkNotRetired(_ device: Device) throws(Refusal) {
        if device.state == .retired { throw .notEnrolled(device.id, .retired) }
    }

    /// A delivered lot: every row is checked first, so that all bad ones are named at once and none is taken.
    mutating func provision(_ rows: [Provision], _ author: Operator) throws(Refusal) {
        var problems: [Refusal.LotProblem] = []
        var serials: [SerialNumber: Int] = [:]
        var hashes: Set<Digest> = []
        var known: [OrgPath: Denial?] = [:]
        for (index, row) in rows.enumerated() {
            func fault(_ field: String, _ value: String, _ expected: String) {
                problems.append(Refusal.LotProblem(row: index + 1, field: field, value: value, expected: expected))
            }
            if known[row.unit] == nil { known[row.unit] = author.denial(of: .importLot(row.unit)) }
            let denial = known[row.unit] ?? nil
            if let denial {
                fault("unit", row.unit.text, "a unit that you administer: \(denial)")
            } else if !world.hasUnit(row.unit) {
                fault("unit", row.unit.text, "a unit that exists")
            }
            if let first = serials.updateValue(index + 1, forKey: SerialNumber(row.serial, in: row.unit)) {
                fault("serial", row.serial, "one that is not in row \(first) too")
            } else if denial == nil, world.device(serial: row.serial, in: row.unit) != nil {
                // Whoever may not import there is not told what is there.
                fault("serial", row.serial, "one that no device has")
            }
            if !hashes.insert(row.tokenHash).inserted || world.isTaken(row.tokenHash) {
                fault("token", row.tokenHash.short, "one that is not in use")
            }
            if row.expires <= now { fault("expires", String(row.expires), "a time to come") }
        }
        guard problems.isEmpty else { throw .lotRefused(problems) }
        for row in rows { add(.deviceProvisioned(DeviceID(seq: nextSeq), row)) }
    }

    /// A token of its own for one device, in place of what it had: lost in staging, expired, or spent on an enrolment that
    /// was revoked.
    mutating func reissueToken(
        _ id: DeviceID, _ hash: Digest, _ expires: Int64, _ author: Operator
    ) throws(Refusal) {
        let device = try device(id, author)
        try check(.issueToken(device.unit), author)
        guard device.state == .provisioned || device.state == .revoked else {
            throw .notEnrolled(id, device.state)
        }
        guard !world.isTaken(hash) else { throw .tokenExists }
        guard expires > now else { throw .tokenExpired }
        if let old = world.ownToken(of: id), !old.isRevoked { add(.tokenRevoked(old.id)) }
        let grant = EnrolmentToken(
            hash: hash, unit: device.unit, tags: device.tags, uses: 1, expires: expires, device: id)
        add(.tokenIssued(TokenID(seq: nextSeq), grant))
    }

    /// A device shows a token. The same credential gets the same answer again, so a lost reply costs nothing.
    mutating func redeem(
        token hash: Digest, credentialHash: Digest, serial: String?, facts: Facts
    ) throws(Refusal) -> DeviceID {
        guard let token = world.token(hash: hash) else { throw .unknownToken("of this request") }
        if let id = token.redemptions[credentialHash] {
            guard world.devices[id]?.credentialHash == credentialHash else { throw .notEnrolled(id, .revoked) }
            return id
        }
        guard !token.isRevoked else { throw .tokenRevoked }
        guard token.usesLeft > 0 else { throw .tokenSpent }
        guard token.grant.expires > now else { throw .tokenExpired }
        guard !world.isTaken(credentialHash) else { throw .credentialTaken }
        let id = try identity(token, serial)
        let before = world.devices[id]
        add(
            .deviceEnrolled(
                id,
                Enrolment(
                    tokenHash: hash, credentialHash: credentialHash, unit: before?.unit ?? token.grant.unit,
                    tags: before?.tags ?? token.grant.tags, serial: serial, facts: facts)))
        return id
    }

    /// Which device a token enrols: the delivered one, the one that has this serial number and comes back, or a new one.
    private func identity(_ token: Token, _ serial: String?) throws(Refusal) -> DeviceID {
        if let id = token.device {
            let expected = world.devices[id]?.serial ?? ""
            guard serial == nil || serial == expected else { throw .serialMismatch(expected: expected) }
            guard let state = world.devices[id]?.state, state != .retired else { throw .notEnrolled(id, .retired) }
            return id
        }
        guard let serial, let known = world.device(serial: serial, in: token.grant.unit) else {
            return DeviceID(seq: nextSeq)
        }
        // A serial number is no secret: it brings a device back only where nobody can be pushed out by naming it.
        guard known.state == .revoked, token.grant.unit.contains(known.unit) else {
            throw .serialInUse
        }
        return known.id
    }
}
