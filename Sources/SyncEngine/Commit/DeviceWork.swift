import SyncCore
import SyncStore

/// What one device says; acknowledged after its commit.
struct DeviceWork: Sendable {
    let device: DeviceID
    /// The enrolment under which it says so.
    let enrolment: Seq
    let report: StoredReport?
    /// What the report says of the device itself.
    let facts: Facts?
    let user: UserExchange?
    let done: @Sendable (Result<DeviceReceipt, Refusal>) -> Void

    /// The name of the entry that says that the facts changed.
    var factsIntent: String? {
        guard facts != nil, let report else { return nil }
        return "facts/\(device)/\(report.enrolment)/\(report.number)"
    }

    /// The device in a World, if it is still the one that said so: one that enrolled anew meanwhile says it again, under
    /// its new numbers; one that was revoked, nothing.
    func speaker(in world: World) -> Device? {
        guard let found = world.devices[device], found.state == .enrolled, found.enrolment == enrolment else {
            return nil
        }
        return found
    }
}
