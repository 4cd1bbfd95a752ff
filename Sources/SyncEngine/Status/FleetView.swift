import SyncCore

/// The fleet as one World and the latest reports show it. Each class is resolved once, whoever asks how often.
///
/// Whoever looks at many devices walks through them: what devices said is then read many at a time.
public struct FleetView {
    /// What devices of one cohort are due to hold.
    private struct Due {
        let policyClass: PolicyClass
        let digest: Digest
    }

    public let world: World
    private let engine: Engine
    /// What devices said, of those that are walked through just now.
    private var said: [DeviceID: DevicePlane.Standing] = [:]
    private var cohorts: [CohortID: Due] = [:]
    private var digests: [PolicyClass: Digest] = [:]

    public init(_ engine: Engine) {
        self.engine = engine
        world = engine.snapshot.world
    }

    /// Calls the body with devices in order, until it returns false.
    mutating func walk(
        _ devices: some Sequence<Device>, _ body: (Device, inout FleetView) throws(Refusal) -> Bool
    ) throws(Refusal) {
        var chunk: [Device] = []
        var rest = devices.makeIterator()
        repeat {
            chunk.removeAll(keepingCapacity: true)
            while chunk.count < Self.readAtOnce, let next = rest.next() { chunk.append(next) }
            said.removeAll(keepingCapacity: true)
            for (device, standing) in zip(chunk, engine.devices.standings(of: chunk.lazy.map(\.id))) {
                if let standing, standing.isOf(device) { said[device.id] = standing }
            }
            for device in chunk {
                guard try body(device, &self) else { return }
            }
        } while chunk.count == Self.readAtOnce
    }

    /// Devices between which reports can be taken.
    private static let readAtOnce = 256

    /// What is known of a device that is walked through, within its present enrolment.
    public func known(of device: Device) -> DevicePlane.Standing? { said[device.id] }

    /// How an enrolled device stands.
    public mutating func standing(of device: Device) -> DeviceStanding {
        let digest = due(device).digest
        return known(of: device)?.standing(must: digest) ?? .silent
    }

    /// Whether a policy is among those that make a device's effective policy.
    public mutating func reaches(_ policy: PolicyID, _ device: Device) -> Bool {
        due(device).policyClass.members.contains { $0.policy == policy }
    }

    /// What a device holds and cannot honour.
    public mutating func nonCompliance(of device: Device) -> [NonCompliance] {
        guard let known = known(of: device), known.standing(must: due(device).digest) == .nonCompliant else {
            return []
        }
        return known.nonCompliance.map(engine.devices.coder.nonCompliance)
    }

    /// Whether nothing was heard of a device for so many seconds, though it was before.
    public func isSilent(_ device: Device, for seconds: Int64) -> Bool {
        known(of: device).map { $0.isSilent(for: seconds, at: engine.now()) } ?? false
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
