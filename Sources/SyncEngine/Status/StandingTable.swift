import SyncCore

/// The standing of each device that was heard of: rows that lie close together, found by a smaller table.
///
/// A dictionary of the rows themselves has room for twice as many, and whoever goes through all of it while he changes
/// some copies it.
struct StandingTable {
    typealias Standing = DevicePlane.Standing

    private var places: [DeviceID: Int32] = [:]
    private var rows: [(device: DeviceID, standing: Standing)] = []

    subscript(device: DeviceID) -> Standing? { places[device].map { rows[Int($0)].standing } }

    /// Changes one, which is made first if it is not there.
    mutating func update(
        _ device: DeviceID, else fresh: @autoclosure () -> Standing = Standing(), _ body: (inout Standing) -> Void
    ) {
        if let place = places[device] {
            body(&rows[Int(place)].standing)
        } else {
            var standing = fresh()
            body(&standing)
            places[device] = Int32(rows.count)
            rows.append((device, standing))
        }
    }

    mutating func updateIfKnown(_ device: DeviceID, _ body: (inout Standing) -> Void) {
        if let place = places[device] { body(&rows[Int(place)].standing) }
    }

    mutating func updateAll(_ body: (DeviceID, inout Standing) -> Void) {
        for index in rows.indices { body(rows[index].device, &rows[index].standing) }
    }
}
