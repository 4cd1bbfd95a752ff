/// Something an operator wants to do, with the units that decide whether he may.
public enum Action: Hashable, Sendable {
    /// Read what belongs to a unit: its devices, assignments, operators, log entries.
    case read(OrgPath)
    /// Read a policy's name and values: also one that an ancestor's operators wrote.
    case readPolicy(owner: OrgPath)
    /// See who wrote a policy.
    case readAuthors(owner: OrgPath)
    case writePolicy(owner: OrgPath)
    /// Overrule a write that one has not seen.
    case forcePolicy(owner: OrgPath)
    case bind(policyOwner: OrgPath, target: OrgPath)
    /// Bind above every other layer.
    case bindIncident(policyOwner: OrgPath, target: OrgPath)
    case unbind(target: OrgPath)
    case issueToken(OrgPath)
    case tagDevice(OrgPath)
    /// Change what a device's user has set.
    case editUser(OrgPath)
    /// Hand a user document over; like a move, inside one agency.
    case replaceDevice(from: OrgPath, to: OrgPath)
    case moveDevice(from: OrgPath, to: OrgPath)
    case createUnit(OrgPath)
    case importLot(OrgPath)
    case removeDevice(OrgPath)
    case appoint(OrgPath)
}

/// Why an action is not allowed.
public enum Denial: Error, Hashable, Sendable {
    /// The unit lies outside the operator's own; it is as if it did not exist.
    case outside(OrgPath)
    case needs(Role)
    /// Devices move inside an agency; between agencies they are unenrolled and enrolled again.
    case crossesAgencies
    /// A policy may be bound at its owner and below.
    case foreignPolicy(owner: OrgPath)
}

extension Operator {
    /// The one decision on who may do what; nil means allowed.
    public func denial(of action: Action) -> Denial? {
        switch action {
        case .read(let target): denial(.viewer, at: target)
        case .readPolicy(let owner): owner.contains(unit) ? nil : denial(.viewer, at: owner)
        case .readAuthors(let owner): owner.agency == unit.agency || unit == .root ? nil : .outside(owner)
        case .writePolicy(let owner): denial(.editor, at: owner)
        case .bind(let owner, let target):
            denial(.editor, at: target) ?? (owner.contains(target) ? nil : .foreignPolicy(owner: owner))
        case .bindIncident(let owner, let target):
            denial(.admin, at: target) ?? (owner.contains(target) ? nil : .foreignPolicy(owner: owner))
        case .unbind(let target), .issueToken(let target), .tagDevice(let target), .editUser(let target):
            denial(.editor, at: target)
        case .moveDevice(let from, let to), .replaceDevice(let from, let to):
            denial(.editor, at: from) ?? denial(.editor, at: to) ?? (from.agency == to.agency ? nil : .crossesAgencies)
        case .forcePolicy(let owner): denial(.admin, at: owner)
        case .createUnit(let path): denial(.admin, at: path.parent ?? path)
        case .importLot(let target), .removeDevice(let target), .appoint(let target): denial(.admin, at: target)
        }
    }

    private func denial(_ needed: Role, at target: OrgPath) -> Denial? {
        guard unit.contains(target) else { return .outside(target) }
        return role >= needed ? nil : .needs(needed)
    }
}

extension Denial: CustomStringConvertible {
    public var description: String {
        switch self {
        case .outside(let path): "\(path) is outside your unit"
        case .needs(let role): "this needs the role \(role.rawValue)"
        case .crossesAgencies: "a device moves inside one agency only; to another, retire it and enrol it there"
        case .foreignPolicy(let owner): "the policy belongs to \(owner), which is not the target nor above it"
        }
    }
}
