import SyncCore

extension Edit {
    /// The edit as it stands in a change set.
    public var json: JSONValue {
        switch self {
        case .createUnit(let path): op("unit.create", ["unit": .string(path.text)])
        case .putPolicy(let policy, let body, let base):
            op("policy.put", ["policy": .string(policy.description), "body": body], ["base": base])
        case .applyPolicy(let policy, let body):
            op("policy.apply", ["policy": .string(policy.description), "body": body])
        case .settle(let policy, let key, let sibling, let base):
            op(
                "policy.settle", ["policy": .string(policy.description), "setting": .string(key)],
                ["take": sibling, "base": base])
        case .bind(let policy, let target, let selector, let end): bind(policy, target, selector, end)
        case .unbind(let id): op("policy.unbind", ["assignment": .string(id.description)])
        case .issueToken(let grant):
            op(
                "token.issue",
                [
                    "hash": .string(grant.hash.description), "unit": .string(grant.unit.text), "tags": grant.tags.json,
                    "uses": .integer(Int64(grant.uses)), "expires": .integer(grant.expires),
                ])
        case .revokeToken(let id): op("token.revoke", ["token": .string(id.description)])
        case .reissueToken(let id, let hash, let expires):
            op(
                "token.reissue",
                [
                    "device": .string(id.description), "hash": .string(hash.description), "expires": .integer(expires),
                ])
        case .provision(let rows):
            op(
                "device.provision",
                ["expires": .integer(rows.first?.expires ?? 0), "rows": .array(rows.map(\.row))])
        case .tag(let id, let added, let removed):
            op("device.tag", ["device": .string(id.description), "add": added.json, "remove": removed.json])
        case .move(let id, let path):
            op("device.move", ["device": .string(id.description), "unit": .string(path.text)])
        case .revoke(let id): op("device.revoke", ["device": .string(id.description)])
        case .retire(let id): op("device.retire", ["device": .string(id.description)])
        case .editUser(let id, let edit, let seen):
            op("user.edit", ["device": .string(id.description), "edit": edit.json], ["seen": seen])
        case .replace(let old, let new):
            op("device.replace", ["old": .string(old.description), "new": .string(new.description)])
        case .appoint(let appointed, let hash):
            op(
                "operator.appoint",
                [
                    "operator": .string(appointed.name.text), "role": .string(appointed.role.rawValue),
                    "unit": .string(appointed.unit.text), "token": .string(hash.description),
                ], ["expires": appointed.expires.flatMap { UInt64(exactly: $0) }])
        case .dismiss(let name): op("operator.dismiss", ["operator": .string(name.text)])
        }
    }

    private func op(
        _ name: String, _ members: [String: JSONValue], _ positions: [String: Seq?] = [:]
    ) -> JSONValue {
        var members = members
        members["op"] = .string(name)
        for (name, seq) in positions { members[name] = seq.map { .integer(Int64($0)) } }
        return .object(members)
    }

    private func bind(_ policy: PolicyReference, _ target: BindTarget, _ selector: Selector?, _ end: Int64?)
        -> JSONValue
    {
        var members: [String: JSONValue] = ["policy": .string(policy.description)]
        switch target {
        case .unit(let path): members["unit"] = .string(path.text)
        case .device(let id): members["device"] = .string(id.description)
        }
        members["selector"] = selector.map { .string($0.description) }
        members["incidentUntil"] = end.map(JSONValue.integer)
        return op("policy.bind", members)
    }
}

extension Provision {
    fileprivate var row: JSONValue {
        .array([
            .string(serial), .string(model), .string(unit.text),
            .string(tags.sorted().map(\.text).joined(separator: " ")), .string(tokenHash.description),
        ])
    }
}
