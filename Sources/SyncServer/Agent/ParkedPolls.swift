import SyncCore
import SyncEngine

/// The parked polls of one loop, found by their device and by the unit that it is in, so that something new wakes whom it
/// concerns and looks at nobody else.
struct ParkedPolls<Poll: AnyObject> {
    private struct Place {
        let poll: Poll
        let unit: UnitID
        let ticket: ParkedDevices.Ticket
    }

    private var places: [DeviceID: Place] = [:]
    private var units: [UnitID: Set<DeviceID>] = [:]

    var count: Int { places.count }

    func has(_ device: DeviceID) -> Bool { places[device] != nil }

    /// The poll of a device, if it is still the one that was parked under this ticket.
    func poll(of device: DeviceID, _ ticket: ParkedDevices.Ticket) -> Poll? {
        places[device].flatMap { $0.ticket == ticket ? $0.poll : nil }
    }

    /// Parks a device's poll.
    ///
    /// - Returns: the poll of the same device whose place it takes.
    mutating func insert(
        _ poll: Poll, of device: DeviceID, in unit: UnitID, _ ticket: ParkedDevices.Ticket
    ) -> Poll? {
        let older = places[device]
        if let older { forget(device, in: older.unit) }
        places[device] = Place(poll: poll, unit: unit, ticket: ticket)
        units[unit, default: []].insert(device)
        return older?.poll
    }

    /// Takes a poll out, unless another of the same device has its place by now.
    mutating func remove(_ device: DeviceID, _ ticket: ParkedDevices.Ticket) {
        guard let place = places[device], place.ticket == ticket else { return }
        places[device] = nil
        forget(device, in: place.unit)
    }

    private mutating func forget(_ device: DeviceID, in unit: UnitID) {
        units[unit]?.remove(device)
        if units[unit]?.isEmpty == true { units[unit] = nil }
    }

    /// Hands over the polls that something new may concern; one may come twice.
    func forEach(in reach: Publication.Reach, _ body: (Poll) -> Void) {
        guard !reach.isWholeFleet else { return places.values.forEach { body($0.poll) } }
        for unit in reach.reached {
            for device in units[unit] ?? [] { places[device].map { body($0.poll) } }
        }
        for device in reach.devices { places[device].map { body($0.poll) } }
    }
}
