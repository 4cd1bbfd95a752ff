import SyncCore
import SyncStore

/// What devices say: a report, the facts in it and what a user did, kept together or not at all.
extension BatchCommit {
    mutating func take(_ work: DeviceWork) throws -> DeviceReceipt {
        let isNewReport = if let report = work.report { try keep(report) } else { false }
        // Only the newest report may say what the device is.
        let facts = isNewReport ? work.facts : nil
        // A device that enrolled anew meanwhile says it again, under its new numbers; one that was revoked, nothing.
        guard facts != nil || work.user != nil, let device = written.world.devices[work.device],
            device.state == .enrolled, device.enrolment == work.enrolment
        else { return DeviceReceipt(isNewReport: isNewReport, document: nil, answers: []) }
        if let facts, facts != device.facts, let report = work.report { try log(facts, of: device, as: report) }
        let (document, answers) = try work.user.map { try exchange($0, with: device) } ?? (nil, [])
        return DeviceReceipt(isNewReport: isNewReport, document: document, answers: answers)
    }

    /// Logs facts that changed: an entry of the device's own, which moves no device and wakes no other.
    private mutating func log(_ facts: Facts, of device: Device, as report: StoredReport) throws {
        let proposal = Proposal(
            author: "device", intent: "facts/\(device.id)/\(report.enrolment)/\(report.number)", reason: nil,
            request: Digest(hashing: CanonicalWriter.bytes(of: facts.json))
        ) { draft throws(Refusal) in draft.add(.deviceFactsChanged(device.id, facts)) }
        _ = try decide(proposal)
    }
}
