import HashTreeCollections
import SyncCore

/// How a device stands to what it must hold: proven by the digest it reported, never assumed.
public enum DeviceStanding: String, Hashable, Sendable, CaseIterable {
    case inSync = "in sync"
    case pending
    /// It said that it cannot apply what is due; the same document is not offered again.
    case failed
    /// Nothing was heard of it since it enrolled.
    case silent
}

/// How a part of the fleet stands.
public struct FleetStatus: Hashable, Sendable {
    public fileprivate(set) var states: [Device.State: Int] = [:]
    /// Of the enrolled devices.
    public fileprivate(set) var standings: [DeviceStanding: Int] = [:]
}

extension Engine {
    public func standing(of device: Device, must digest: Digest) -> DeviceStanding {
        guard let known = devices.standing(of: device.id), known.enrolment == device.enrolment else { return .silent }
        if known.held == digest { return .inSync }
        return known.failed == digest ? .failed : .pending
    }

    /// Counts the devices of a unit and those below it: a step a device, a resolution a class.
    public func status(under unit: OrgPath) -> FleetStatus {
        let world = snapshot.world
        var status = FleetStatus()
        var digests: [CohortID: Digest] = [:]
        for device in world.devices.values where unit.contains(device.unit) {
            status.states[device.state, default: 0] += 1
            guard device.state == .enrolled else { continue }
            let isAlone = world.deviceAssignments[device.id]?.isEmpty == false
            let digest = (isAlone ? nil : digests[device.cohort]) ?? world.digest(of: device)
            if !isAlone { digests[device.cohort] = digest }
            status.standings[standing(of: device, must: digest), default: 0] += 1
        }
        return status
    }
}

extension World {
    fileprivate func digest(of device: Device) -> Digest {
        Digest(hashing: CanonicalWriter.bytes(of: resolve(policyClass(of: device)).document))
    }
}
