import SyncCore

/// The fleet as one World and the latest reports show it. Each class is resolved once, whoever asks how often.
public struct FleetView {
    /// What devices of one cohort are due to hold.
    private struct Due {
        let policyClass: PolicyClass
        let digest: Digest
    }

    public let world: World
    private let engine: Engine
    private var cohorts: [CohortID: Due] = [:]
    private var digests: [PolicyClass: Digest] = [:]

    public init(_ engine: Engine) {
        self.engine = engine
        world = engine.snapshot.world
    }

    /// How an enrolled device stands.
    public mutating func standing(of device: Device) -> DeviceStanding {
        engine.standing(of: device, must: due(device).digest)
    }

    /// Whether a policy is among those that make a device's effective policy.
    public mutating func reaches(_ policy: PolicyID, _ device: Device) -> Bool {
        due(device).policyClass.members.contains { $0.policy == policy }
    }

    /// What a device holds and cannot honour.
    public mutating func nonCompliance(of device: Device) -> [NonCompliance] {
        guard let known = engine.known(of: device), known.standing(must: due(device).digest) == .nonCompliant else {
            return []
        }
        return known.nonCompliance.map(engine.devices.coder.nonCompliance)
    }

    /// Whether nothing was heard of a device for so many seconds, though it was before.
    public func isSilent(_ device: Device, for seconds: Int64) -> Bool {
        engine.known(of: device).map { $0.isSilent(for: seconds, at: engine.now()) } ?? false
    }

    private mutating func due(_ device: Device) -> Due {
        let isAlone = world.deviceAssignments[device.id]?.isEmpty == false
        if !isAlone, let known = cohorts[device.cohort] { return known }
        let policyClass = world.policyClass(of: device)
        let digest = digests[policyClass] ?? engine.documents.document(of: policyClass, in: world).digest
        digests[policyClass] = digest
        let due = Due(policyClass: policyClass, digest: digest)
        if !isAlone { cohorts[device.cohort] = due }
        return due
    }
}
