import SyncCore

extension Engine {
    /// Counts the devices of a part of the fleet: a step a device, a resolution a class at most.
    public func status(_ query: FleetStatus.Query) -> FleetStatus {
        var view = FleetView(self)
        var count = StatusCount(query, sets: query.policy.flatMap { view.world.policies[$0] }, now: now())
        for device in view.world.devices.values where query.unit.contains(device.unit) {
            guard device.state == .enrolled else {
                if query.policy == nil { count.status.states[device.state, default: 0] += 1 }
                continue
            }
            guard query.policy.map({ view.reaches($0, device) }) ?? true else { continue }
            count.add(known(of: device), view.standing(of: device))
        }
        return count.status(devices.coder)
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
