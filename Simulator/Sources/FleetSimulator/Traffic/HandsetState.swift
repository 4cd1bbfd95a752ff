import DeviceAgent
import SyncCore

/// A handset as the oracle sees it.
struct HandsetState: Sendable {
    var digest: Digest?
    var epoch: UInt64 = 0
    var version: Seq = 0
    var fault: Handset.Fault?
    var user = UserReplica()
    var device = ""
    /// Seconds between check-ins in quiet times.
    var interval = 0

    init() {}

    init(_ handset: Handset) {
        digest = handset.digest
        epoch = handset.epoch
        version = handset.version
        fault = handset.fault
        user = handset.user
        device = handset.device
        interval = handset.interval
    }
}
