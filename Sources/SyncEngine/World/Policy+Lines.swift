import SyncCore

extension Policy {
    /// The policy, and a line for every setting that was ever written.
    var lines: [JSONValue] {
        let head: [String: JSONValue] = [
            "name": .string(reference.description), "revision": .integer(Int64(revision)),
            "documentRevision": .integer(Int64(documentRevision)),
        ]
        let keys = settings.keys.sorted { $0.precedesInBytes($1) }
        return [World.line("policy", id.description, head)]
            + keys.compactMap { key in settings[key]?.line(of: id, key) }
    }

    /// A policy without its settings, which have lines of their own.
    init?(_ line: StateLine) {
        guard let id = PolicyID(line.id),
            let reference = line.text("name").flatMap({ PolicyReference($0) }), let revision = line.seq("revision"),
            let documentRevision = line.seq("documentRevision")
        else { return nil }
        self.init(id: id, reference: reference, revision: revision, documentRevision: documentRevision)
    }
}

extension Policy.Setting {
    fileprivate func line(of policy: PolicyID, _ key: String) -> JSONValue {
        var members = current?.members ?? [:]
        members["of"] = .string(policy.description)
        members["valueSeq"] = .integer(Int64(valueSeq))
        members["written"] = written?.json
        if !siblings.isEmpty { members["siblings"] = .array(siblings.map(\.json)) }
        return World.line("setting", key, members)
    }

    init?(_ line: StateLine) {
        guard let valueSeq = line.seq("valueSeq") else { return nil }
        var written: Stamp?
        if let json = line.members["written"] {
            guard let stamp = Stamp(json) else { return nil }
            written = stamp
        }
        let listed = line.members["siblings"]?.array ?? []
        let siblings = listed.compactMap { Policy.Sibling($0) }
        guard siblings.count == listed.count else { return nil }
        self.init(
            current: SettingValue(members: line.members), valueSeq: valueSeq, written: written, siblings: siblings)
    }
}

extension Policy.Sibling {
    fileprivate var json: JSONValue {
        var members = value?.members ?? [:]
        members["stamp"] = stamp.json
        return .object(members)
    }

    fileprivate init?(_ json: JSONValue) {
        guard let stamp = json["stamp"].flatMap(Stamp.init) else { return nil }
        self.init(value: SettingValue(members: json.object ?? [:]), stamp: stamp)
    }
}

extension SettingValue {
    fileprivate var members: [String: JSONValue] { json.object ?? [:] }

    /// Nil where there is no value: the setting is removed.
    fileprivate init?(members: [String: JSONValue]) {
        guard let value = members["value"] else { return nil }
        self.init(value, isEnforced: members["enforced"] == .bool(true))
    }
}

extension Stamp {
    fileprivate var json: JSONValue {
        .object([
            "seq": .integer(Int64(seq)), "author": .string(author), "received": .integer(received),
            "base": .integer(Int64(base)), "outcome": .string(outcome.rawValue),
        ])
    }

    fileprivate init?(_ json: JSONValue) {
        let line = StateLine(json)
        guard let seq = line.seq("seq"), let author = line.text("author"), let received = line.integer("received"),
            let base = line.seq("base"), let outcome = line.text("outcome").flatMap(Entry.Outcome.init)
        else { return nil }
        self.init(seq: seq, author: author, received: received, base: base, outcome: outcome)
    }
}
