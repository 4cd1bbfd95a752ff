import SyncCore

extension Device {
    var line: JSONValue {
        var members: [String: JSONValue] = [
            "state": .string(state.rawValue), "unit": .string(unit.text),
            "tags": tags.json, "facts": facts.json, "enrolment": .integer(Int64(enrolment)),
            "revision": .integer(Int64(revision)),
        ]
        if userRevision > 0 { members["userRevision"] = .integer(Int64(userRevision)) }
        members["serial"] = serial.map(JSONValue.string)
        members["model"] = model.map(JSONValue.string)
        members["credential"] = credentialHash.map { .string($0.description) }
        return World.line("device", id.description, members)
    }

    /// - Parameter cohort: finds the cohort of what decides an enrolled device's policy.
    convenience init?(_ line: StateLine, cohort: (OrgPath, Set<Tag>, Facts) -> CohortID) {
        guard let id = DeviceID(line.id),
            let state = line.text("state").flatMap(State.init), let unit = line.text("unit").flatMap({ OrgPath($0) }),
            let names = line.members["tags"]?.array, let facts = line.members["facts"].flatMap({ try? Facts($0) }),
            let enrolment = line.seq("enrolment"), let revision = line.seq("revision")
        else { return nil }
        let tags = Set(names.compactMap { $0.string.flatMap { Tag($0) } })
        self.init(
            Fields(
                id: id, state: state, unit: unit, tags: tags, facts: facts, serial: line.text("serial"),
                model: line.text("model"), enrolment: enrolment,
                credentialHash: line.text("credential").flatMap { Digest($0) },
                cohort: state == .enrolled ? cohort(unit, tags, facts) : .none,
                userRevision: line.seq("userRevision") ?? 0, revision: revision))
    }
}
