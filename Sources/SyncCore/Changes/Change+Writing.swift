extension Change {
    /// This change as a line of the log.
    public var line: Line {
        switch self {
        case .catalogActivated(let digest): Line("catalog", "digest", .string(digest.description))
        case .unitCreated(let path): Line("unit\(path)", "created", .bool(true))
        case .policyCreated(let id, let reference): Line("policy/\(id)", "@created", .string(reference.description))
        case .settingSet(let id, let key, let value, let isEnforced):
            Line("policy/\(id)", key, SettingValue(value, isEnforced: isEnforced).json)
        case .settingRemoved(let id, let key): Line("policy/\(id)", key, nil)
        case .siblingKept(let id, let key, let value): Line("policy/\(id)", key, value?.json, isSibling: true)
        case .bound(let id, let assignment): Line("assignment/\(id)", "bound", assignment.json)
        case .unbound(let id): Line("assignment/\(id)", "bound", nil)
        case .tokenIssued(let id, let token): Line("token/\(id)", "issued", token.json)
        case .tokenRevoked(let id): Line("token/\(id)", "issued", nil)
        case .deviceProvisioned(let id, let provision): Line("device/\(id)", "provisioned", provision.json)
        case .deviceEnrolled(let id, let enrolment): Line("device/\(id)", "enrolled", enrolment.json)
        case .deviceMoved(let id, let path): Line("device/\(id)", "unit", .string(path.text))
        case .deviceTagged(let id, let tags): Line("device/\(id)", "tags", tags.json)
        case .deviceFactsChanged(let id, let facts): Line("device/\(id)", "facts", facts.json)
        case .deviceRevoked(let id): Line("device/\(id)", "enrolled", nil)
        case .deviceRetired(let id): Line("device/\(id)", "retired", .bool(true))
        case .userEdited(let id, let edit, let seen): Line("user/\(id)", edit.key, edit.line(seen: seen))
        case .deviceReplaced(let id, let old): Line("device/\(id)", "replaces", .string(old.description))
        case .operatorAppointed(let appointed, let hash):
            Line("operator/\(appointed.name)", "appointed", appointed.line(hash))
        case .operatorDismissed(let name): Line("operator/\(name)", "appointed", nil)
        }
    }

    /// Whether the value names people or is free text, so that it enters the log's hashes only salted.
    public func isPersonal(_ catalog: Catalog) -> Bool {
        switch self {
        case .settingSet(_, let key, _, _), .siblingKept(_, let key, .some): catalog.settings[key]?.isPersonal ?? false
        // Networks, languages, applications: all of it is somebody's.
        case .userEdited: true
        default: false
        }
    }
}

extension UserEdit {
    fileprivate func line(seen: UInt64) -> JSONValue {
        var members = members
        members["key"] = nil
        members["seen"] = .integer(Int64(seen))
        return .object(members)
    }
}

extension Change.Line {
    fileprivate init(_ subject: String, _ key: String, _ value: JSONValue?, isSibling: Bool = false) {
        self.init(
            subject: subject, key: key, operation: value == nil ? .remove : .set, value: value, isSibling: isSibling)
    }
}

extension Set<Tag> {
    public var json: JSONValue { .array(sorted().map { .string($0.text) }) }
}

extension SettingValue {
    public var json: JSONValue { .object(isEnforced ? ["value": value, "enforced": .bool(true)] : ["value": value]) }
}

extension Assignment {
    var json: JSONValue {
        var members: [String: JSONValue] = ["policy": .string(policy.description)]
        switch target {
        case .unit(let path): members["unit"] = .string(path.text)
        case .device(let id): members["device"] = .string(id.description)
        }
        members["selector"] = selector.map { .string($0.description) }
        members["incidentUntil"] = incidentUntil.map(JSONValue.integer)
        return .object(members)
    }
}

extension EnrolmentToken {
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "hash": .string(hash.description), "unit": .string(unit.text), "tags": tags.json,
            "uses": .integer(Int64(uses)), "expires": .integer(expires),
        ]
        members["device"] = device.map { .string($0.description) }
        return .object(members)
    }
}

extension Provision {
    public var json: JSONValue {
        .object([
            "serial": .string(serial), "model": .string(model), "unit": .string(unit.text), "tags": tags.json,
            "token": .string(tokenHash.description), "expires": .integer(expires),
        ])
    }
}

extension Enrolment {
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "token": .string(tokenHash.description), "credential": .string(credentialHash.description),
            "unit": .string(unit.text), "tags": tags.json, "facts": facts.json,
        ]
        members["serial"] = serial.map(JSONValue.string)
        return .object(members)
    }
}

extension Operator {
    fileprivate func line(_ tokenHash: Digest) -> JSONValue {
        var members: [String: JSONValue] = [
            "role": .string(role.rawValue), "unit": .string(unit.text), "token": .string(tokenHash.description),
        ]
        members["expires"] = expires.map(JSONValue.integer)
        return .object(members)
    }
}
