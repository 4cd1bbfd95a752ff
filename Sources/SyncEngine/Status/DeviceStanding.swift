import SyncCore

/// How a device stands to what it must hold: proven by the digest it reported, never assumed.
public enum DeviceStanding: String, Hashable, Sendable, CaseIterable {
    case inSync = "in sync"
    /// It holds what it must, and said that it cannot honour all of it.
    case nonCompliant = "in sync with non-compliance"
    case pending
    /// It said that it cannot apply what is due; the same document is not offered again.
    case failed
    /// Nothing was heard of it since it enrolled.
    case silent
}

extension Engine {
    /// What is known of a device within its present enrolment.
    public func known(of device: Device) -> DevicePlane.Standing? {
        devices.standing(of: device.id).flatMap { $0.isOf(device) ? $0 : nil }
    }

    public func standing(of device: Device, must digest: Digest) -> DeviceStanding {
        known(of: device)?.standing(must: digest) ?? .silent
    }
}

extension DevicePlane.Standing {
    /// Whether it is of a device's present enrolment.
    func isOf(_ device: Device) -> Bool { device.state == .enrolled && enrolment == device.enrolment }

    func standing(must digest: Digest) -> DeviceStanding {
        if held == digest { return nonCompliance.isEmpty ? .inSync : .nonCompliant }
        return failed == digest ? .failed : .pending
    }

    /// - Parameter now: in milliseconds since 1970.
    func isSilent(for seconds: Int64, at now: Int64) -> Bool { lastSeen > 0 && now - lastSeen >= seconds * 1_000 }
}
