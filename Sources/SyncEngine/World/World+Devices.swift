import SyncCore

extension World {
    mutating func applyToDevice(_ change: Change) {
        switch change {
        case .deviceProvisioned(let id, let provision): self.provision(id, provision)
        case .deviceEnrolled(let id, let enrolment): enrol(id, enrolment)
        case .deviceMoved(let id, let path):
            let unit = units.shared(path)
            update(id) { $0.unit = unit }
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
                    id: id, state: .provisioned, unit: units.shared(provision.unit), tags: provision.tags, facts: .none,
                    serial: provision.serial, model: provision.model, enrolment: 0, credentialHash: nil,
                    cohort: .none, revision: seq)))
        serials[SerialNumber(provision.serial, in: provision.unit)] = id
        let grant = EnrolmentToken(
            hash: provision.tokenHash, unit: units.shared(provision.unit), tags: provision.tags, uses: 1,
            expires: provision.expires, device: id)
        add(Token(id: TokenID(seq: id.seq), grant: grant))
    }

    private mutating func enrol(_ id: DeviceID, _ enrolment: Enrolment) {
        if let old = devices[id] { leave(old) }
        let cohort = cohorts.id(of: self.cohort(unit: enrolment.unit, enrolment.tags, enrolment.facts))
        let before = devices[id]
        // What was set before stays, and its device must hear of it: the new enrolment knows nothing.
        let hasHistory = before.map { $0.enrolment > 0 || $0.userRevision > 0 } ?? false
        put(
            Device(
                Device.Fields(
                    id: id, state: .enrolled, unit: units.shared(enrolment.unit), tags: enrolment.tags,
                    facts: enrolment.facts,
                    serial: enrolment.serial ?? before?.serial, model: before?.model ?? enrolment.facts.model,
                    enrolment: seq, credentialHash: enrolment.credentialHash, cohort: cohort,
                    userRevision: hasHistory ? seq : 0, revision: seq)))
        if let serial = enrolment.serial { serials[SerialNumber(serial, in: enrolment.unit)] = id }
        tokens[enrolment.tokenHash]?.redemptions.add(enrolment.credentialHash, id)
    }

    /// Puts a device into the tables that find it by its name and, if it is enrolled, by its credential, and counts it.
    mutating func put(_ device: Device) {
        let before = devices.updateValue(device, forKey: device.id)
        devicesSeq = seq
        if before == nil { deviceIndex.insert(device.id) }
        if before?.unit != device.unit {
            deviceIndex.move(device.id, from: before.flatMap { units.id(of: $0.unit) }, to: units.id(of: device.unit))
        }
        // Whoever stays in a cohort must not be its last for a moment.
        if device.state == .enrolled { cohorts.enter(device.cohort) }
        if let before, before.state == .enrolled { cohorts.leave(before.cohort) }
        if device.state == .enrolled, let hash = device.credentialHash { credentials[hash] = device }
    }

    private mutating func update(_ id: DeviceID, _ body: (inout Device.Fields) -> Void) {
        guard let old = devices[id] else { return }
        var device = old.fields
        body(&device)
        if device.state == .enrolled {
            device.cohort = cohorts.id(of: self.cohort(unit: device.unit, device.tags, device.facts))
        }
        device.revision = seq
        put(Device(device))
    }

    private mutating func remove(_ id: DeviceID, leaving state: Device.State) {
        guard let old = devices[id] else { return }
        leave(old)
        var device = old.fields
        device.state = state
        device.cohort = .none
        device.credentialHash = nil
        device.revision = seq
        put(Device(device))
        guard state == .retired, let serial = device.serial.map({ SerialNumber($0, in: device.unit) }) else { return }
        if serials[serial] == id { serials[serial] = nil }
    }

    /// Takes an enrolled device out of what finds it by its credential, before what it becomes is put.
    private mutating func leave(_ device: Device) {
        guard device.state == .enrolled else { return }
        guard let hash = device.credentialHash else { return }
        credentials[hash] = nil
        spentCredentials.insert(hash)
    }

    func cohort(unit: OrgPath, _ tags: Set<Tag>, _ facts: Facts) -> Cohort {
        Cohort(unit: unit, tags: tags, facts: facts.keeping(sortedFacts))
    }

    /// Sorts devices into cohorts anew, if selectors read other facts than when that was done last.
    ///
    /// The one change that costs a step a device: done once a transaction, after its last change, and not at all where what
    /// it binds it unbinds again. It needs no entry, because the assignment's entry says it.
    mutating func sortDevices() {
        guard sortedFacts != readFacts else { return }
        sortedFacts = readFacts
        for old in Array(devices.values) where old.state == .enrolled {
            var device = old.fields
            device.cohort = cohorts.id(of: cohort(unit: device.unit, device.tags, device.facts))
            if device.cohort != old.cohort { put(Device(device)) }
        }
    }
}
