import NIOCore
import SyncCore
import Synchronization

/// Where each device's poll is parked: one a device, on whatever loop, so that no credential takes the places of others.
///
/// What each loop knows of its own polls is here once more and no more than that: a newer poll learns which it ends.
final class ParkedDevices: Sendable {
    /// Tells the polls of one device apart.
    typealias Ticket = UInt64

    /// A parked poll.
    struct Place: Sendable {
        let loop: NIOLoopBound<AgentLoop>
        let ticket: Ticket
    }

    private struct State {
        var places: [DeviceID: Place] = [:]
        var last: Ticket = 0
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.places.count } }

    /// Gives a place to a device's poll.
    ///
    /// - Returns: its ticket, and the poll that it ends.
    func enter(_ device: DeviceID, on loop: NIOLoopBound<AgentLoop>) -> (ticket: Ticket, older: Place?) {
        state.withLock { state in
            state.last += 1
            let older = state.places.updateValue(Place(loop: loop, ticket: state.last), forKey: device)
            return (state.last, older)
        }
    }

    /// Leaves the place, unless a newer poll has it.
    func leave(_ device: DeviceID, _ ticket: Ticket) {
        state.withLock { state in
            if state.places[device]?.ticket == ticket { state.places[device] = nil }
        }
    }
}
