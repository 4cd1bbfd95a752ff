extension Change {
    /// The change that an entry records; nil for one that no version up to this one writes.
    public init?(_ entry: Entry) {
        self.init(
            Line(
                subject: entry.subject, key: entry.key, operation: entry.operation, value: entry.value,
                isSibling: entry.outcome == .sibling))
    }

    /// The change that a line of the log records; nil for a line that no version up to this one writes.
    public init?(_ line: Line) {
        let (kind, name) = line.subject.splitOnce("/")
        let change: Change? =
            switch kind {
            case "catalog": line.value?.string.flatMap { Digest($0) }.map(Change.catalogActivated)
            case "unit": OrgPath("/\(name)").map(Change.unitCreated)
            case "policy": PolicyID(name).flatMap { Self.policy($0, line) }
            case "assignment": AssignmentID(name).flatMap { Self.assignment($0, line) }
            case "token": TokenID(name).flatMap { Self.token($0, line) }
            case "device": DeviceID(name).flatMap { Self.device($0, line) }
            case "user": DeviceID(name).flatMap { Self.user($0, line) }
            case "operator": OperatorName(name).flatMap { Self.operator($0, line) }
            default: nil
            }
        guard let change else { return nil }
        self = change
    }

    private static func policy(_ id: PolicyID, _ line: Line) -> Change? {
        guard let value = line.value else {
            return line.isSibling ? .siblingKept(id, key: line.key, nil) : .settingRemoved(id, key: line.key)
        }
        if line.key == "@created" {
            return value.string.flatMap { PolicyReference($0) }.map { .policyCreated(id, $0) }
        }
        guard let content = value["value"] else { return nil }
        let isEnforced = value["enforced"]?.bool ?? false
        return line.isSibling
            ? .siblingKept(id, key: line.key, SettingValue(content, isEnforced: isEnforced))
            : .settingSet(id, key: line.key, value: content, isEnforced: isEnforced)
    }

    private static func assignment(_ id: AssignmentID, _ line: Line) -> Change? {
        guard let value = line.value else { return .unbound(id) }
        guard let policy = value["policy"]?.string.flatMap({ PolicyID($0) }) else { return nil }
        let selector = value["selector"]?.string.flatMap { try? Selector($0) }
        let end = value["incidentUntil"]?.integer
        if let path = value.unit {
            return .bound(id, Assignment(policy: policy, target: .unit(path), selector: selector, incidentUntil: end))
        }
        return value["device"]?.string.flatMap { DeviceID($0) }.map {
            .bound(id, Assignment(policy: policy, target: .device($0), incidentUntil: end))
        }
    }

    private static func token(_ id: TokenID, _ line: Line) -> Change? {
        guard let value = line.value else { return .tokenRevoked(id) }
        guard let hash = value["hash"]?.string.flatMap({ Digest($0) }), let unit = value.unit,
            let uses = value["uses"]?.integer, let expires = value["expires"]?.integer
        else { return nil }
        return .tokenIssued(
            id,
            EnrolmentToken(
                hash: hash, unit: unit, tags: value.tags, uses: Int(uses), expires: expires,
                device: value["device"]?.string.flatMap { DeviceID($0) }))
    }

    private static func device(_ id: DeviceID, _ line: Line) -> Change? {
        switch (line.key, line.value) {
        case ("provisioned", let value?): provisioned(id, value)
        case ("enrolled", let value?): enrolled(id, value)
        case ("enrolled", nil): .deviceRevoked(id)
        case ("retired", _): .deviceRetired(id)
        case ("replaces", let value?): value.string.flatMap { DeviceID($0) }.map { .deviceReplaced(id, old: $0) }
        case ("unit", let value?): value.string.flatMap { OrgPath($0) }.map { .deviceMoved(id, $0) }
        case ("tags", let value?): .deviceTagged(id, JSONValue.object(["tags": value]).tags)
        case ("facts", let value?): (try? Facts(value)).map { .deviceFactsChanged(id, $0) }
        default: nil
        }
    }

    private static func user(_ id: DeviceID, _ line: Line) -> Change? {
        guard var members = line.value?.object, let seen = members["seen"]?.integer.flatMap({ UInt64(exactly: $0) })
        else { return nil }
        members["key"] = .string(line.key)
        return UserEdit(.object(members)).map { .userEdited(id, $0, seen: seen) }
    }

    private static func provisioned(_ id: DeviceID, _ value: JSONValue) -> Change? {
        guard let serial = value["serial"]?.string, let model = value["model"]?.string, let unit = value.unit,
            let token = value["token"]?.string.flatMap({ Digest($0) }), let expires = value["expires"]?.integer
        else { return nil }
        return .deviceProvisioned(
            id,
            Provision(serial: serial, model: model, unit: unit, tags: value.tags, tokenHash: token, expires: expires))
    }

    private static func enrolled(_ id: DeviceID, _ value: JSONValue) -> Change? {
        guard let token = value["token"]?.string.flatMap({ Digest($0) }),
            let credential = value["credential"]?.string.flatMap({ Digest($0) }), let unit = value.unit,
            let facts = value["facts"].flatMap({ try? Facts($0) })
        else { return nil }
        return .deviceEnrolled(
            id,
            Enrolment(
                tokenHash: token, credentialHash: credential, unit: unit, tags: value.tags,
                serial: value["serial"]?.string, facts: facts))
    }

    private static func `operator`(_ name: OperatorName, _ line: Line) -> Change? {
        guard let value = line.value else { return .operatorDismissed(name) }
        guard let role = value["role"]?.string.flatMap(Role.init), let unit = value.unit,
            let token = value["token"]?.string.flatMap({ Digest($0) })
        else { return nil }
        return .operatorAppointed(
            Operator(name: name, role: role, unit: unit, expires: value["expires"]?.integer), tokenHash: token)
    }
}

extension JSONValue {
    fileprivate var unit: OrgPath? { self["unit"]?.string.flatMap { OrgPath($0) } }
    fileprivate var tags: Set<Tag> { Set((self["tags"]?.array ?? []).compactMap { $0.string.flatMap { Tag($0) } }) }
}

extension String {
    /// What stands before and after the first separator; all of it before, when there is none.
    fileprivate func splitOnce(_ separator: Character) -> (String, String) {
        guard let index = firstIndex(of: separator) else { return (self, "") }
        return (String(self[..<index]), String(self[self.index(after: index)...]))
    }
}
