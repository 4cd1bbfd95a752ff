import SyncCore

/// What an incident binds counts above all else: only who may bind it may change what it says, end it, or take a device out
/// of its reach.
extension Draft {
    func checkIncident(_ assignment: Assignment, _ author: Operator) throws(Refusal) {
        try checkIncident(assignment, at: world.unit(of: assignment), author)
    }

    private func checkIncident(_ assignment: Assignment, at unit: OrgPath, _ author: Operator) throws(Refusal) {
        guard let owner = world.policies[assignment.policy]?.reference.owner else { return }
        try check(.bindIncident(policyOwner: owner, target: unit), author)
    }

    /// Does something with a device, after which every incident that held for it holds still, or is this operator's to end.
    mutating func keepingIncidents(
        of device: Device, for author: Operator, _ change: (inout Draft) -> Void
    ) throws(Refusal) {
        let held = world.incidents(reaching: device)
        change(&self)
        let still = world.devices[device.id].map { world.incidents(reaching: $0) } ?? [:]
        for (id, assignment) in held.sorted(by: { $0.key < $1.key }) where still[id] == nil {
            let unit: OrgPath =
                switch assignment.target {
                case .unit(let path): path
                case .device: device.unit
                }
            try checkIncident(assignment, at: unit, author)
        }
    }
}

extension World {
    /// The incidents that hold for a device.
    fileprivate func incidents(reaching device: Device) -> [AssignmentID: Assignment] {
        guard !incidents.isEmpty else { return [:] }
        let reaching = assignments(reaching: device).filter { $0.assignment.incidentUntil != nil }
        return Dictionary(uniqueKeysWithValues: reaching.map { ($0.id, $0.assignment) })
    }
}
