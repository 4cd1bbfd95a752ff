import SyncCore

extension Edit {
    /// Reads one edit of a change set.
    public init(_ json: JSONValue, at path: String) throws(Malformed) {
        guard let kind = json["op"]?.string, let known = Self.members[kind] else {
            throw Malformed(
                field: "\(path).op", value: json["op"],
                expected: "one of \(Self.members.keys.sorted().joined(separator: ", "))")
        }
        let fields = try Fields(json, at: path, known: known + ["op"])
        switch kind {
        case "unit.create": self = .createUnit(try fields.path("unit"))
        case "policy.put":
            self = .putPolicy(
                try fields.policy("policy"), try fields.require("body", "a policy") { $0 },
                base: try fields.position("base"))
        case "policy.apply":
            self = .applyPolicy(try fields.policy("policy"), try fields.require("body", "a policy") { $0 })
        case "policy.settle":
            self = .settle(
                try fields.policy("policy"), key: try fields.string("setting", bytes: 1...Limits.nameBytes),
                take: try fields.position("take"), base: try fields.position("base"))
        case "policy.bind": self = try Self.bind(fields)
        case "policy.unbind":
            self = .unbind(
                try fields.require("assignment", "an assignment such as a12") { $0.string.flatMap { AssignmentID($0) } }
            )
        case "token.issue": self = try Self.issueToken(fields)
        case "token.revoke":
            self = .revokeToken(
                try fields.require("token", "a token such as t12") { $0.string.flatMap { TokenID($0) } })
        case "token.reissue":
            self = .reissueToken(
                try fields.device("device"), hash: try fields.digest("hash"),
                expires: try fields.integer("expires", 0...Limits.integerMagnitude))
        case "device.provision": self = try Self.provision(fields)
        case "device.tag":
            self = .tag(try fields.device("device"), add: try fields.tags("add"), remove: try fields.tags("remove"))
        case "device.move": self = .move(try fields.device("device"), to: try fields.path("unit"))
        case "device.revoke": self = .revoke(try fields.device("device"))
        case "device.retire": self = .retire(try fields.device("device"))
        case "device.replace": self = try Self.replace(fields)
        case "user.edit":
            self = .editUser(
                try fields.device("device"), try UserEdit(fields["edit"], at: fields.path(of: "edit")),
                seen: try fields.position("seen"))
        case "operator.appoint": self = try Self.appoint(fields)
        default: self = .dismiss(try Self.operatorName(fields))
        }
    }

    /// What each kind of edit may say.
    private static let members: [String: [String]] = [
        "unit.create": ["unit"], "policy.put": ["policy", "body", "base"],
        "policy.apply": ["policy", "body"], "policy.settle": ["policy", "setting", "take", "base"],
        "policy.bind": ["policy", "unit", "device", "selector", "incidentUntil"], "policy.unbind": ["assignment"],
        "token.issue": ["hash", "unit", "tags", "uses", "expires"], "token.revoke": ["token"],
        "token.reissue": ["device", "hash", "expires"],
        "device.provision": ["expires", "rows"], "device.tag": ["device", "add", "remove"],
        "device.move": ["device", "unit"], "device.revoke": ["device"], "device.retire": ["device"],
        "device.replace": ["old", "new"], "user.edit": ["device", "edit", "seen"],
        "operator.appoint": ["operator", "role", "unit", "token", "expires"], "operator.dismiss": ["operator"],
    ]

    private static func bind(_ fields: Fields) throws(Malformed) -> Edit {
        let policy = try fields.policy("policy")
        var selector: Selector?
        if let json = fields["selector"] {
            do throws(Selector.Failure) {
                selector = try Selector(json.string ?? "")
            } catch {
                throw Malformed(field: fields.path(of: "selector"), value: json, expected: "a selector: \(error)")
            }
            _ = try fields.line("selector", bytes: 1...Limits.stringBytes)
        }
        let end =
            fields["incidentUntil"] == nil ? nil : try fields.integer("incidentUntil", 0...Limits.integerMagnitude)
        guard fields["device"] != nil else {
            return .bind(policy, .unit(try fields.path("unit")), selector, incidentUntil: end)
        }
        guard fields["unit"] == nil, selector == nil else {
            throw Malformed(
                field: fields.path(of: "device"), value: fields["device"],
                expected: "a device alone, without unit or selector")
        }
        return .bind(policy, .device(try fields.device("device")), nil, incidentUntil: end)
    }

    private static func issueToken(_ fields: Fields) throws(Malformed) -> Edit {
        .issueToken(
            EnrolmentToken(
                hash: try fields.digest("hash"), unit: try fields.path("unit"), tags: try fields.tags("tags"),
                uses: Int(try fields.integer("uses", 1...WireLimits.tokenUses)),
                expires: try fields.integer("expires", 0...Limits.integerMagnitude)))
    }

    private static func provision(_ fields: Fields) throws(Malformed) -> Edit {
        let expires = try fields.integer("expires", 0...Limits.integerMagnitude)
        let rows = try fields.require("rows", "an array of 1 to \(WireLimits.lotRows) rows") { json in
            json.array.flatMap { (1...WireLimits.lotRows).contains($0.count) ? $0 : nil }
        }
        var provisions: [Provision] = []
        provisions.reserveCapacity(rows.count)
        for (index, row) in rows.enumerated() {
            provisions.append(try Provision(row, at: "\(fields.path(of: "rows"))[\(index)]", expires: expires))
        }
        return .provision(provisions)
    }

    private static func replace(_ fields: Fields) throws(Malformed) -> Edit {
        let (old, new) = (try fields.device("old"), try fields.device("new"))
        guard old != new else {
            throw Malformed(field: fields.path(of: "new"), value: fields["new"], expected: "another device than old")
        }
        return .replace(old, with: new)
    }

    private static func appoint(_ fields: Fields) throws(Malformed) -> Edit {
        let role = try fields.require("role", Role.allCases.map(\.rawValue).joined(separator: ", ")) { json in
            json.string.flatMap(Role.init)
        }
        let expires = try fields.optional("expires", "milliseconds since 1970") { $0.integer }
        let appointed = Operator(
            name: try operatorName(fields), role: role, unit: try fields.path("unit"), expires: expires)
        return .appoint(appointed, tokenHash: try fields.digest("token"))
    }

    private static func operatorName(_ fields: Fields) throws(Malformed) -> OperatorName {
        try fields.require("operator", OperatorName.expected) { $0.string.flatMap { OperatorName($0) } }
    }
}
