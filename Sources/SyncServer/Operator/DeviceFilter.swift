import SyncCore
import SyncEngine

/// Which devices a list is of.
struct DeviceFilter: Sendable {
    let scope: OrgPath
    let tag: Tag?
    let state: Device.State?
    let serial: String?
    let model: String?
    let standing: DeviceStanding?
    let policy: PolicyID?
    /// A setting that they cannot honour.
    let nonCompliant: String?
    /// Seconds without a word of them.
    let silentFor: Int64?

    /// Whether a device of the scope is in the list. What costs least is looked at first.
    func matches(_ device: Device, _ view: inout FleetView) -> Bool {
        guard
            (tag.map(device.tags.contains) ?? true)
                && (state.map { $0 == device.state } ?? true) && (serial.map { $0 == device.serial } ?? true)
                && (model.map { $0 == device.model || $0 == device.facts.model } ?? true)
        else { return false }
        guard standing != nil || policy != nil || nonCompliant != nil || silentFor != nil else { return true }
        guard device.state == .enrolled else { return false }
        if let silentFor, !view.isSilent(device, for: silentFor) { return false }
        if let nonCompliant, !view.nonCompliance(of: device).contains(where: { $0.setting == nonCompliant }) {
            return false
        }
        if let policy, !view.reaches(policy, device) { return false }
        return standing.map { $0 == view.standing(of: device) } ?? true
    }
}

extension OperatorRoutes {
    func deviceFilter(_ query: Query, _ author: Operator) throws -> DeviceFilter {
        let setting = query["nonCompliant"]
        if let setting, world.catalog.settings[setting] == nil {
            throw Problem(404, "unknown-setting", "query nonCompliant: \(setting.prefix(128)) is not in the catalog")
        }
        let standings = DeviceStanding.allCases.map(\.rawValue).joined(separator: ", ")
        return DeviceFilter(
            scope: try scope(query, author), tag: try query.optional("tag", Tag.expected) { Tag($0) },
            state: try query.optional("state", "provisioned, enrolled, revoked or retired", Device.State.init),
            serial: query["serial"], model: query["model"],
            standing: try query.optional("standing", "one of \(standings)", DeviceStanding.init),
            policy: try policy(query, author)?.id, nonCompliant: setting, silentFor: try silence(query))
    }

    /// The policy that a list is asked for.
    func policy(_ query: Query, _ author: Operator) throws -> Policy? {
        let reference = try query.optional("policy", PolicyReference.expected) { PolicyReference($0) }
        return try reference.map { try readablePolicy($0, author, in: world) }
    }

    /// How long nothing was heard, in seconds.
    func silence(_ query: Query) throws -> Int64? {
        let limit = ServerLimits.silenceSeconds
        return try query.optional("silentFor", "seconds, an integer from 1 to \(limit)") { text in
            Int64(text).flatMap { (1...limit).contains($0) ? $0 : nil }
        }
    }
}
