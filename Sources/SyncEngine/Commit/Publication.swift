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
        /// All units whose devices may have something new: those that were touched, and what lies below them.
        public let reached: [UnitID]
        /// The whole fleet may have something new.
        public var isWholeFleet: Bool { units.contains(.root) }

        init(units: Set<OrgPath>, devices: Set<DeviceID>, tree: UnitTree) {
            self.units = units
            self.devices = devices
            reached = tree.subtrees(of: units.compactMap(tree.id))
        }

        public var isEmpty: Bool { units.isEmpty && devices.isEmpty }
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
