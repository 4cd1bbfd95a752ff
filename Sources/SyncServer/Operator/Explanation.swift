import SyncCore
import SyncProtocol

/// A resolution in words and JSON: each value, who contributed, who lost and why.
struct Explanation {
    let json: JSONValue

    /// Where a contributor's value comes from.
    struct Source {
        /// Who wrote it, where the reader may know.
        let author: JSONValue?
        /// When, in milliseconds since 1970.
        let received: Int64?
        /// Writes to the same setting of the same policy that nobody has decided on.
        let conflict: JSONValue?

        static let unknown = Source(author: nil, received: nil, conflict: nil)
    }

    /// Of which settings, and how deep.
    struct Depth {
        /// One setting only; nil for all, none of them in parts.
        let setting: String?
        /// Of that setting, one record or element only: its key as text, or in JSON where it has several members.
        let record: String?
    }

    /// - Parameter source: of a policy's setting.
    init(_ resolution: Resolution, _ catalog: Catalog, depth: Depth, source: @escaping (String, String) -> Source) {
        var settings: [String: JSONValue] = [:]
        let decisions = resolution.settings.mapValues(\.decision).merging(resolution.unset) { decided, _ in decided }
        for (name, decision) in decisions where depth.setting == nil || depth.setting == name {
            let description = Description(
                decision: decision, value: resolution.settings[name]?.value, setting: catalog.settings[name],
                source: { source($0, name) })
            var members = description.members
            if depth.setting != nil { members.merge(description.parts(only: depth.record)) { $1 } }
            settings[name] = .object(members)
        }
        json = .object(settings)
    }
}

/// One setting's decision in words.
private struct Description {
    let decision: ResolvedSetting.Decision
    let value: JSONValue?
    let setting: Setting?
    let source: (String) -> Explanation.Source

    var members: [String: JSONValue] {
        let verdicts = setting.map { decision.verdicts(reachingInto: $0, value: value) } ?? decision.verdicts
        var members: [String: JSONValue] = [
            "strategy": .string(decision.strategy),
            "from": .array(verdicts.filter { $0.loss == nil }.map { .string($0.contribution.contributor.name) }),
            "contributors": .array(verdicts.map { describe($0, withConflict: true) }),
        ]
        members["value"] = value
        members["clampedBy"] = decision.clampedBy.map(JSONValue.string)
        if !decision.violations.isEmpty {
            members["violations"] = .array(
                decision.violations.map { violation in
                    .object([
                        "record": violation.record, "constraint": .string(violation.constraint),
                        "policies": .array(violation.contributors.map { .string($0.name) }),
                    ])
                })
        }
        return members
    }

    /// Who decided each record, field and element; nothing for a setting that is decided whole.
    func parts(only record: String?) -> [String: JSONValue] {
        guard let all = setting.flatMap({ decision.parts(of: $0) }) else { return [:] }
        // What is contested is what somebody looks for.
        let chosen =
            record.map { record in all.filter { $0.text.hasSameBytes(as: record) } }
            ?? all.filter(\.isContested) + all.filter { !$0.isContested }
        return [
            "parts": .array(chosen.prefix(WireLimits.partsListed).map(describe)),
            "more": .integer(Int64(max(0, chosen.count - WireLimits.partsListed))),
        ]
    }

    private func describe(_ part: PartDecision) -> JSONValue {
        var members: [String: JSONValue] = ["name": part.name, "contested": .bool(part.isContested)]
        members["list"] = part.list.map(JSONValue.string)
        if part.fields.isEmpty {
            members["value"] = part.value
            members["contributors"] = .array(part.verdicts.map { describe($0, withConflict: false) })
        } else {
            members["fields"] = .array(
                part.fields.map { field in
                    var members: [String: JSONValue] = [
                        "field": .string(field.path), "strategy": .string(field.strategy),
                        "contributors": .array(field.verdicts.map { describe($0, withConflict: false) }),
                    ]
                    members["value"] = field.value
                    return .object(members)
                })
        }
        return .object(members)
    }

    private func describe(_ verdict: ResolvedSetting.Verdict, withConflict: Bool) -> JSONValue {
        let contribution = verdict.contribution
        var members: [String: JSONValue] = [
            "policy": .string(contribution.contributor.name),
            "layer": .string(contribution.contributor.place),
            "priority": .integer(Int64(contribution.contributor.priority)),
            "value": contribution.value,
            "seq": .integer(Int64(contribution.seq)),
        ]
        if contribution.isEnforced { members["enforced"] = .bool(true) }
        let source = source(contribution.contributor.name)
        members["author"] = source.author
        members["received"] = source.received.map(JSONValue.integer)
        if withConflict { members["conflict"] = source.conflict }
        members["lost"] = verdict.loss.map { .string($0.description) }
        return .object(members)
    }
}

extension ResolvedSetting.Loss: CustomStringConvertible {
    public var description: String {
        switch self {
        case .lessStrict: "another value is stricter"
        case .outranked(let winner): "\(winner.name) is more specific, or later on the same layer"
        case .enforcedElsewhere(let winner): "\(winner.name) enforces its value"
        case .writtenEarlier(let winner): "\(winner.name) was written later"
        case .groupTaken(let winner): "the settings of this group come whole from \(winner.name)"
        case .doesNotLead(let key, let leader):
            leader.map { "it follows \(key), which \($0.name) decided" } ?? "it follows \(key), which nobody sets"
        case .notShared(let other): "\(other.name) does not list it"
        case .absorbed(let winner): "a member that \(winner.name) lists replaces the whole set"
        case .nothingCounts: "others decide every part of it"
        case .limited(let key): "\(key) limits it"
        }
    }
}
