import SyncCore

extension World {
    mutating func applyToDevice(_ change: Change) {
        switch change {
        case .deviceProvisioned(let id, let provision): self.provision(id, provision)
        case .deviceEnrolled(let id, let enrolment): enrol(id, enrolment)
        case .deviceMoved(let id, let path): update(id) { $0.unit = path }
        case .deviceTagged(let id, let tags): update(id) { $0.tags = tags }
        case .deviceFactsChanged(let id, let facts): update(id) { $0.facts = facts }
        case .deviceRevoked(let id): remove(id, leaving: .revoked)
        case .deviceRetired(let id): remove(id, leaving: .retired)
        case .userEdited(let id, _, _), .deviceReplaced(let id, _):
            let seq = seq
            update(id) { $0.userRevision = seq }
        default: break
        }
    }

    private mutating func provision(_ id: DeviceID, _ provision: Provision) {
        put(
            Device(
                Device.Fields(
                    id: id, state: .provisioned, unit: provision.unit, tags: provision.tags, facts: .none,
                    serial: provision.serial, model: provision.model, enrolment: 0, credentialHash: nil,
                    cohort: intern(self.cohort(unit: provision.unit, provision.tags, .none)), revision: seq)))
        serials[provision.serial] = id
        let grant = EnrolmentToken(
            hash: provision.tokenHash, unit: provision.unit, tags: provision.tags, uses: 1, expires: provision.expires)
        add(Token(id: TokenID(seq: id.seq), grant: grant, device: id))
    }

    private mutating func enrol(_ id: DeviceID, _ enrolment: Enrolment) {
        if let old = devices[id] { leave(old) }
        let cohort = intern(self.cohort(unit: enrolment.unit, enrolment.tags, enrolment.facts))
        let before = devices[id]
        // What was set before stays, and its device must hear of it: the new enrolment knows nothing.
        let hasHistory = before.map { $0.enrolment > 0 || $0.userRevision > 0 } ?? false
        put(
            Device(
                Device.Fields(
                    id: id, state: .enrolled, unit: enrolment.unit, tags: enrolment.tags, facts: enrolment.facts,
                    serial: enrolment.serial ?? before?.serial, model: before?.model ?? enrolment.facts.model,
                    enrolment: seq, credentialHash: enrolment.credentialHash, cohort: cohort,
                    userRevision: hasHistory ? seq : 0, revision: seq)))
        if let serial = enrolment.serial { serials[serial] = id }
        populations[cohort, default: 0] += 1
        tokens[enrolment.tokenHash]?.redemptions[enrolment.credentialHash] = id
    }

    /// Puts a device into the tables that find it by its name and, if it is enrolled, by its credential.
    mutating func put(_ device: Device) {
        devices[device.id] = device
        devicesSeq = seq
        if device.state == .enrolled, let hash = device.credentialHash { credentials[hash] = device }
    }

    private mutating func update(_ id: DeviceID, _ body: (inout Device.Fields) -> Void) {
        guard let old = devices[id] else { return }
        var device = old.fields
        body(&device)
        device.cohort = intern(self.cohort(unit: device.unit, device.tags, device.facts))
        device.revision = seq
        put(Device(device))
        guard device.cohort != old.cohort, device.state == .enrolled else { return }
        populations[old.cohort, default: 1] -= 1
        populations[device.cohort, default: 0] += 1
    }

    private mutating func remove(_ id: DeviceID, leaving state: Device.State) {
        guard let old = devices[id] else { return }
        leave(old)
        var device = old.fields
        device.state = state
        device.credentialHash = nil
        device.revision = seq
        put(Device(device))
        if state == .retired, let serial = device.serial, serials[serial] == id { serials[serial] = nil }
    }

    /// Takes an enrolled device out of what finds it by its credential and counts it, before what it becomes is put.
    private mutating func leave(_ device: Device) {
        guard device.state == .enrolled else { return }
        if let hash = device.credentialHash { credentials[hash] = nil }
        populations[device.cohort, default: 1] -= 1
    }

    func cohort(unit: OrgPath, _ tags: Set<Tag>, _ facts: Facts) -> Cohort {
        Cohort(unit: unit, tags: tags, facts: facts.keeping(readFacts))
    }

    /// Devices are sorted into cohorts anew when a selector starts to read another fact, or the last one stops to.
    ///
    /// The one change that costs a step a device; it needs no entry, because the assignment's entry says it.
    mutating func noteReadFacts() {
        let read = Set(assignments.values.flatMap { $0.selector?.facts ?? [] }.map(\.name))
        guard read != readFacts else { return }
        readFacts = read
        populations = [:]
        for old in Array(devices.values) {
            var device = old.fields
            device.cohort = intern(cohort(unit: device.unit, device.tags, device.facts))
            put(Device(device))
            if device.state == .enrolled { populations[device.cohort, default: 0] += 1 }
        }
    }

    mutating func intern(_ cohort: Cohort) -> CohortID {
        if let id = cohortIDs[cohort] { return id }
        let id = CohortID(index: Int32(cohorts.count))
        cohorts[id] = cohort
        cohortIDs[cohort] = id
        return id
    }
}
