import SyncCore

/// A new World, and whom it may concern.
public struct Publication: Sendable {
    public let snapshot: Snapshot
    public let reach: Reach

    /// Which parked polls must look again.
    public struct Reach: Sendable {
        /// Units where an assignment changed, or a policy that is bound there.
        public let units: Set<OrgPath>
        public let devices: Set<DeviceID>
        private let unitIDs: Set<UnitID>
        private let tree: UnitTree

        init(units: Set<OrgPath>, devices: Set<DeviceID>, tree: UnitTree) {
            self.units = units
            self.devices = devices
            self.tree = tree
            unitIDs = Set(units.compactMap(tree.id))
        }

        public var isEmpty: Bool { units.isEmpty && devices.isEmpty }

        /// Whether a device of some unit may have something new.
        public func concerns(_ device: DeviceID, in unit: OrgPath) -> Bool {
            devices.contains(device) || concerns(unit)
        }

        /// Whether all devices of a unit may have something new: one look-up a level, however many units are touched.
        public func concerns(_ unit: OrgPath) -> Bool {
            guard !unitIDs.isEmpty, let id = tree.id(of: unit) else { return false }
            return tree.selfAndAncestors(of: id).contains { unitIDs.contains($0) }
        }
    }
}

extension Publication.Reach {
    /// What a World's transactions touched: a step an entry, and one an assignment of a policy that was written.
    init(_ transactions: [Transaction], from before: World, to world: World) {
        var units: Set<OrgPath> = []
        var devices: Set<DeviceID> = []
        var policies: Set<PolicyID> = []
        for entry in transactions.flatMap(\.entries) {
            switch Change(entry) {
            case .catalogActivated: units.insert(.root)
            case .policyCreated(let id, _), .settingSet(let id, _, _, _), .settingRemoved(let id, _):
                policies.insert(id)
            case .bound(_, let assignment): Self.add(assignment.target, &units, &devices)
            case .unbound(let id):
                if let assignment = before.assignments[id] { Self.add(assignment.target, &units, &devices) }
            case .deviceEnrolled(let id, _), .deviceMoved(let id, _), .deviceTagged(let id, _),
                .deviceRevoked(let id), .deviceRetired(let id), .userEdited(let id, _, _), .deviceReplaced(let id, _):
                devices.insert(id)
            case .deviceFactsChanged(let id, _):
                // Wakes nobody while no selector reads the fact that changed.
                if before.devices[id]?.cohort != world.devices[id]?.cohort { devices.insert(id) }
            default: break
            }
        }
        for assignment in policies.flatMap(world.assignments(of:)) { Self.add(assignment.target, &units, &devices) }
        self.init(units: units, devices: devices, tree: world.units)
    }

    private static func add(
        _ target: Assignment.Target, _ units: inout Set<OrgPath>, _ devices: inout Set<DeviceID>
    ) {
        switch target {
        case .unit(let path): units.insert(path)
        case .device(let id): devices.insert(id)
        }
    }
}
