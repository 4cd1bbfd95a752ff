import SyncCore

extension Engine {
    /// Counts the devices of a part of the fleet: a step a device of it, a resolution a class at most. Done on a thread for
    /// such questions.
    ///
    /// - Throws: `overloaded` where as many wait as may.
    public func status(_ query: FleetStatus.Query) async throws(Refusal) -> FleetStatus {
        try await pools.counts.run { () throws(Refusal) in try self.count(query) }
    }

    private func count(_ query: FleetStatus.Query) throws(Refusal) -> FleetStatus {
        var view = FleetView(self)
        var count = StatusCount(query, sets: query.policy.flatMap { view.world.policies[$0] }, now: now())
        try view.walk(view.world.devices(under: query.unit, after: nil)) { device, view in
            guard device.state == .enrolled else {
                if query.policy == nil { count.status.states[device.state, default: 0] += 1 }
                return true
            }
            guard query.policy.map({ view.reaches($0, device) }) ?? true else { return true }
            count.add(view.known(of: device), view.standing(of: device))
            return true
        }
        return count.status(devices.coder)
    }

    /// What a part of the tree owns.
    public struct PolicyCount: Hashable, Sendable {
        public var policies = 0
        /// Settings with edits that crossed and nobody has decided on.
        public var conflicts = 0
        /// Writes kept beside the one that counts.
        public var siblings = 0
    }

    /// Counts the policies of a unit and those below it, or one policy: a step a setting.
    ///
    /// - Throws: `overloaded` where as many wait as may.
    public func policyCount(under unit: OrgPath, only policy: PolicyID? = nil) async throws(Refusal) -> PolicyCount {
        let world = snapshot.world
        return try await pools.counts.run { () throws(Refusal) in
            let policies =
                policy.map { [world.policies[$0]].compactMap(\.self) }
                ?? world.policies.values.filter { unit.contains($0.reference.owner) }
            var count = PolicyCount(policies: policies.count)
            for siblings in policies.lazy.flatMap(\.settings.values).map(\.siblings.count) where siblings > 0 {
                count.conflicts += 1
                count.siblings += siblings
            }
            return count
        }
    }
}

/// Adds up enrolled devices. Non-compliance is counted by its code, and spelled out once.
private struct StatusCount {
    var status = FleetStatus()
    private var codes: [NonComplianceCoder.Code: Int] = [:]
    private let settings: Set<String>?
    private let silences: [Int64]
    private let now: Int64

    init(_ query: FleetStatus.Query, sets policy: Policy?, now: Int64) {
        settings = query.policy == nil ? nil : Set((policy?.settings ?? [:]).keys)
        silences = query.silences.sorted()
        self.now = now
        for seconds in silences { status.silent[seconds] = 0 }
    }

    mutating func add(_ known: DevicePlane.Standing?, _ standing: DeviceStanding) {
        status.states[.enrolled, default: 0] += 1
        status.standings[standing, default: 0] += 1
        guard let known else { return }
        switch standing {
        case .nonCompliant: for code in known.nonCompliance { codes[code, default: 0] += 1 }
        case .failed: status.failures[known.failure ?? "", default: 0] += 1
        case .inSync, .pending, .silent: break
        }
        for seconds in silences where known.isSilent(for: seconds, at: now) {
            status.silent[seconds, default: 0] += 1
        }
    }

    func status(_ coder: NonComplianceCoder) -> FleetStatus {
        var status = status
        for (code, devices) in codes {
            let nonCompliance = coder.nonCompliance(code)
            guard settings.map({ nonCompliance.setting.map($0.contains) ?? false }) ?? true else { continue }
            status.nonCompliance[nonCompliance, default: 0] += devices
        }
        return status
    }
}
