import HashTreeCollections
import SyncCore

/// Devices in an image. What follows from them (cohorts, who has which credential) is worked out anew, once for all
/// devices that are equal in it.
extension World {
    var deviceImage: [UInt8] {
        var shared = SharedOfDevices()
        var records = ImageWriter()
        records.write(devices.count)
        for device in devices.values.sorted(by: { $0.id < $1.id }) { records.write(device, &shared) }
        var image = ImageWriter()
        image.write(shared.units)
        image.write(shared.tags)
        image.write(shared.facts.values.count)
        for facts in shared.facts.values { image.write(CanonicalWriter.bytes(of: facts.json)) }
        image.write(shared.models.values.count)
        for model in shared.models.values { image.write(model) }
        return image.bytes + records.bytes
    }

    /// Comes after the assignments, whose selectors say by which facts devices are sorted into cohorts.
    mutating func takeDevices(_ image: [UInt8]) throws(DamagedImage) {
        try eachDevice(in: image) { world, device in world.place(device) }
    }

    /// Reads one device after the other, which need not all be kept.
    mutating func eachDevice(in image: [UInt8], _ body: (inout World, Device) -> Void) throws(DamagedImage) {
        var reader = ImageReader(image)
        let units = try reader.units()
        let tags = try reader.tagSets()
        let facts = try reader.shared { reader throws(DamagedImage) in
            (try? JSONReader.read(try reader.piece(), within: .stored)).flatMap { try? Facts($0) }
        }
        let models = try reader.shared { reader throws(DamagedImage) in try reader.text() }
        var known: [Trait: CohortID] = [:]
        for _ in 0..<(try reader.count()) {
            let device = try reader.device(models) { state, trait throws(DamagedImage) in
                guard trait.unit < units.count, trait.tags < tags.count, trait.facts < facts.count else { return nil }
                let (unit, tags, facts) = (units[trait.unit], tags[trait.tags], facts[trait.facts])
                guard state == .enrolled else { return (unit, tags, facts, .none) }
                let id = known[trait] ?? cohorts.id(of: cohort(unit: unit, tags, facts))
                known[trait] = id
                return (unit, tags, facts, id)
            }
            body(&self, device)
        }
        guard reader.isAtEnd else { throw reader.damage }
    }
}

/// What decides a device's policy, by its number among the shared values.
private struct Trait: Hashable {
    let unit: Int
    let tags: Int
    let facts: Int
}

private struct SharedOfDevices {
    var units = SharedValues<OrgPath>()
    var tags = SharedValues<Set<Tag>>()
    var facts = SharedValues<Facts>()
    var models = SharedValues<String>()
}

extension Device.State {
    /// Its place in an image: the order never changes, new ones come last.
    fileprivate static let imageOrder: [Device.State] = [.provisioned, .enrolled, .revoked, .retired]
}

extension ImageWriter {
    fileprivate mutating func write(_ device: Device, _ shared: inout SharedOfDevices) {
        write(device.id.seq)
        write(Device.State.imageOrder.firstIndex(of: device.state) ?? 0)
        write(shared.units.number(of: device.unit))
        write(shared.tags.number(of: device.tags))
        write(shared.facts.number(of: device.facts))
        // A number above 0 is that of the one before it: 0 says that there is none.
        write(device.model.map { shared.models.number(of: $0) + 1 } ?? 0)
        write(device.serial == nil ? 0 : 1)
        if let serial = device.serial { write(serial) }
        write(device.enrolment)
        write(device.userRevision)
        write(device.revision)
        write(device.credentialHash == nil ? 0 : 1)
        if let hash = device.credentialHash { write(hash) }
    }
}

extension ImageReader {
    fileprivate mutating func device(
        _ models: [String],
        _ place: (Device.State, Trait) throws(DamagedImage) -> (OrgPath, Set<Tag>, Facts, CohortID)?
    ) throws(DamagedImage) -> Device {
        let id = DeviceID(seq: try number())
        let state = try one(of: Device.State.imageOrder)
        let trait = Trait(unit: try index(), tags: try index(), facts: try index())
        guard let (unit, tags, facts, cohort) = try place(state, trait) else { throw damage }
        let model = try index()
        guard model <= models.count else { throw damage }
        let serial = try number() == 0 ? nil : try text()
        let enrolment = try number()
        let userRevision = try number()
        let revision = try number()
        return Device(
            Device.Fields(
                id: id, state: state, unit: unit, tags: tags, facts: facts, serial: serial,
                model: model == 0 ? nil : models[model - 1], enrolment: enrolment,
                credentialHash: try number() == 0 ? nil : try digest(), cohort: cohort, userRevision: userRevision,
                revision: revision))
    }

    private mutating func index() throws(DamagedImage) -> Int {
        guard let index = Int(exactly: try number()) else { throw damage }
        return index
    }
}
