import NIOCore
import SyncCore
import Synchronization

/// The pace of every device that wrote of late, on whatever loop: no device writes more than its share, however many
/// connections it has.
final class DevicePaces: Sendable {
    private struct State {
        var paces: [DeviceID: DevicePace] = [:]
        /// From how many on those that are full again are forgotten.
        var limit = DevicePaces.least

        mutating func forgetFull(at now: Double) {
            paces = paces.filter { !$0.value.isFull(at: now) }
            limit = max(DevicePaces.least, paces.count * 2)
        }
    }

    private static let least = 1_024
    private let state = Mutex(State())
    /// Nil for no limit.
    private let requests: DevicePace.Bucket?

    /// - Parameter seconds: in which a device earns one more request; 0 for no limit.
    init(seconds: Int) {
        requests =
            seconds == 0 ? nil : DevicePace.Bucket(cost: Double(seconds) * 1_000, size: ServerLimits.deviceBurst)
    }

    var count: Int { state.withLock { $0.paces.count } }

    static var now: Double { Double(NIODeadline.now().uptimeNanoseconds) / 1e6 }

    /// Forgets those that are full again: some seconds after a push to a large fleet, nearly everybody.
    func forgetFull(at now: Double = DevicePaces.now) { state.withLock { $0.forgetFull(at: now) } }

    /// Takes one request from what a device has.
    ///
    /// - Returns: the seconds after which to come again, where it has none left.
    func take(_ device: DeviceID, bytes: Int, at now: Double = DevicePaces.now) -> Int? {
        guard let requests else { return nil }
        return state.withLock { state in
            if state.paces.count >= state.limit { state.forgetFull(at: now) }
            return state.paces[device, default: DevicePace()].take(bytes: bytes, at: now, requests)
        }
    }

    /// Takes what the edits of a request cost beside it.
    func charge(_ device: DeviceID, edits: Int, at now: Double = DevicePaces.now) {
        let count = edits / ServerLimits.editsForARequest
        guard let requests, count > 0 else { return }
        state.withLock { $0.paces[device]?.charge(count, at: now, requests) }
    }
}
