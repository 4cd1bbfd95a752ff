import SyncCore
import SyncEngine

/// The devices that asked on a connection: found again without a look through the whole fleet.
///
/// Holds while no device of the fleet changes. One on a connection is usual; behind a gateway some take turns.
struct KnownDevices {
    private var seq: Seq = 0
    private var devices: [(credential: UInt64, device: Device)] = []

    /// Whether none was found here yet.
    var isEmpty: Bool { devices.isEmpty }

    /// The one that asked, where no other did: no gateway, whose connections are many devices'.
    var only: DeviceID? { devices.count == 1 ? devices[0].device.id : nil }

    /// The device that a credential opens; nil for one that opens none.
    mutating func device(_ credential: Digest, in snapshot: Snapshot) -> Device? {
        if seq != snapshot.world.devicesSeq {
            devices.removeAll(keepingCapacity: true)
            seq = snapshot.world.devicesSeq
        }
        // The first word tells where to look without touching the others; the whole credential must be the same.
        for index in devices.indices where devices[index].credential == credential.words.0 {
            let device = devices[index].device
            if device.credentialHash == credential { return device }
        }
        guard let device = snapshot.world.device(credentialHash: credential) else { return nil }
        // Who comes later is looked for each time: to make room for one would put out another that comes again.
        if devices.count < ServerLimits.knownDevices { devices.append((credential.words.0, device)) }
        return device
    }
}
