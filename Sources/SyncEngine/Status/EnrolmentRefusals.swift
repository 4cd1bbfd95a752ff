import SyncCore
import Synchronization

/// Enrolments that were refused: of each device that one was for the last, so that who looks why it does not come finds it.
///
/// Kept in memory and bounded: whoever tries tells it again.
public final class EnrolmentRefusals: Sendable {
    public struct Refused: Sendable {
        /// Milliseconds since 1970.
        public let at: Int64
        public let why: Refusal
    }

    private let state = Mutex<[DeviceID: Refused]>([:])

    func note(_ why: Refusal, of device: DeviceID, at now: Int64) {
        state.withLock { known in
            if known.count >= Limits.enrolmentRefusalsKept, known[device] == nil,
                let oldest = known.min(by: { $0.value.at < $1.value.at })?.key
            {
                known[oldest] = nil
            }
            known[device] = Refused(at: now, why: why)
        }
    }

    func forget(_ device: DeviceID) { state.withLock { $0[device] = nil } }

    /// The last one that concerned a device; nil once it has enrolled.
    public func last(of device: DeviceID) -> Refused? { state.withLock { $0[device] } }
}
