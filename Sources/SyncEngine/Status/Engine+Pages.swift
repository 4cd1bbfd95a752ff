import SyncCore

/// Some devices of a list, in order of id.
public struct DevicePage: Sendable {
    public struct Row: Sendable {
        public let device: Device
        /// Of an enrolled one.
        public let standing: DeviceStanding?
        /// Milliseconds since 1970; nil for one that was never heard of.
        public let lastSeen: Int64?
    }

    public internal(set) var rows: [Row] = []
    /// The last device of the page, if there are more after it.
    public internal(set) var next: DeviceID?
    /// How many there are from the page's beginning on; nil unless it was asked for.
    public internal(set) var total: Int?
}

extension Engine {
    /// Which devices a page is of.
    public typealias DeviceMatch = @Sendable (Device, inout FleetView) -> Bool

    /// A page of the devices of a unit and those below it: the work is that of walking to its last row, whatever the
    /// fleet's size; to count all that match is a walk to the end. Done on a thread for such questions.
    ///
    /// - Throws: `overloaded` where as many wait as may.
    public func devices(
        under unit: OrgPath, after id: DeviceID? = nil, limit: Int, isCounted: Bool = false,
        where matches: @escaping DeviceMatch
    ) async throws(Refusal) -> DevicePage {
        try await pools.counts.run { () throws(Refusal) in
            var view = FleetView(self)
            var page = DevicePage()
            var found = 0
            try view.walk(view.world.devices(under: unit, after: id)) { device, view in
                guard matches(device, &view) else { return true }
                found += 1
                if found <= limit {
                    page.rows.append(view.row(device))
                } else {
                    page.next = page.rows.last?.device.id
                }
                return isCounted || found <= limit
            }
            if isCounted { page.total = found }
            return page
        }
    }
}

extension FleetView {
    fileprivate mutating func row(_ device: Device) -> DevicePage.Row {
        let seen = known(of: device)?.lastSeen ?? 0
        return DevicePage.Row(
            device: device, standing: device.state == .enrolled ? standing(of: device) : nil,
            lastSeen: seen > 0 ? seen : nil)
    }
}
