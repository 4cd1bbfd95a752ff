import SyncCore
import SyncEngine
import SyncProtocol

extension Plan {
    /// The plan as it is sent: bounded, whatever the fleet and its policies are; what is left out is counted.
    var json: JSONValue {
        .object([
            "seq": .integer(Int64(seq)), "hash": .string(hash.description),
            "reached": .integer(Int64(reached)), "changed": .integer(Int64(changed)),
            "units": .array(
                changedByUnit.sorted { $0.key < $1.key }.map { unit, devices in
                    .object(["unit": .string(unit.text), "devices": .integer(Int64(devices))])
                }),
            "settings": .array(settings.prefix(WireLimits.settingChangesListed).map(\.json)),
            "differences": .integer(Int64(settings.count)),
            "inside": .array(inside.map(\.json)),
            "contested": .array(contested.prefix(WireLimits.contestsListed).map(\.json)),
            "contests": .integer(Int64(contested.count)),
            "removed": .array(removed.map(JSONValue.string)),
            "notes": .array(notes.map(JSONValue.string)),
        ])
    }
}

extension Plan.SettingChange {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = ["key": .string(key), "devices": .integer(Int64(devices))]
        members.show(before, as: "before")
        members.show(after, as: "after")
        return .object(members)
    }
}

extension Plan.Inside {
    fileprivate var json: JSONValue {
        var counts: [ValueDifference.Part.Kind: Set<[JSONValue]>] = [:]
        for change in parts {
            counts[change.part.kind, default: []].insert([.string(change.part.list ?? ""), change.part.name ?? .null])
        }
        var members: [String: JSONValue] = [
            "key": .string(key),
            "parts": .array(parts.prefix(WireLimits.partsListed).map(\.json)),
            "more": .integer(Int64(max(0, parts.count - WireLimits.partsListed))),
        ]
        for kind in ValueDifference.Part.Kind.allCases {
            members[kind.rawValue] = .integer(Int64(counts[kind]?.count ?? 0))
        }
        if unread > 0 { members["unread"] = .integer(Int64(unread)) }
        return .object(members)
    }
}

extension Plan.PartChange {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [
            "change": .string(part.kind.rawValue), "devices": .integer(Int64(devices)),
        ]
        members["list"] = part.list.map(JSONValue.string)
        members["name"] = part.name
        if !part.fields.isEmpty {
            members["fields"] = .array(
                part.fields.map { field in
                    var members: [String: JSONValue] = ["field": .string(field.path)]
                    members.show(field.before, as: "before")
                    members.show(field.after, as: "after")
                    return .object(members)
                })
        }
        return .object(members)
    }
}

extension Plan.Contested {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [
            "key": .string(contest.key), "strategy": .string(contest.strategy), "devices": .integer(Int64(devices)),
            "noEffect": .bool(contest.isLost), "byEnforcement": .bool(contest.isEnforced),
            "sides": .array(contest.sides.map(\.json)),
        ]
        members.show(contest.value, as: "value")
        members["clampedBy"] = contest.clampedBy.map(JSONValue.string)
        if contest.partCount > 0 {
            members["parts"] = .array(contest.parts.map(\.json))
            members["partCount"] = .integer(Int64(contest.partCount))
        }
        return .object(members)
    }
}

extension Contest.Part {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [
            "name": name, "noEffect": .bool(isLost), "sides": .array(sides.map(\.json)),
        ]
        members["list"] = list.map(JSONValue.string)
        members["field"] = field.map(JSONValue.string)
        members.show(value, as: "value")
        return .object(members)
    }
}

extension Contest.Side {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [
            "policy": .string(policy), "layer": .string(layer), "yours": .bool(isYours),
        ]
        members.show(value, as: "value")
        if isEnforced { members["enforced"] = .bool(true) }
        members["lost"] = loss.map { .string($0.description) }
        return .object(members)
    }
}

extension [String: JSONValue] {
    /// A value, or how large it is where it is too large to be shown.
    fileprivate mutating func show(_ value: JSONValue?, as name: String) {
        guard let value else { return }
        let bytes = CanonicalWriter.bytes(of: value).count
        if bytes <= WireLimits.planValueBytes {
            self[name] = value
        } else {
            self[name + "Bytes"] = .integer(Int64(bytes))
            if ValueDifference.size(of: value) > 0 {
                self[name + "Parts"] = .integer(Int64(ValueDifference.size(of: value)))
            }
        }
    }
}
