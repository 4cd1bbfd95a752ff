import SyncCore

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

    /// - Parameter source: of a policy's setting.
    init(_ resolution: Resolution, only key: String?, source: (String, String) -> Source) {
        var settings: [String: JSONValue] = [:]
        for (name, setting) in resolution.settings where key == nil || key == name {
            settings[name] = Self.describe(setting.decision, value: setting.value, key: name, source)
        }
        for (name, decision) in resolution.unset where key == nil || key == name {
            settings[name] = Self.describe(decision, value: nil, key: name, source)
        }
        json = .object(settings)
    }

    private static func describe(
        _ decision: ResolvedSetting.Decision, value: JSONValue?, key: String,
        _ source: (String, String) -> Source
    ) -> JSONValue {
        var members: [String: JSONValue] = [
            "strategy": .string(decision.strategy),
            "from": .array(decision.from.map { .string($0.name) }),
            "contributors": .array(decision.verdicts.map { describe($0, key, source) }),
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
        return .object(members)
    }

    private static func describe(
        _ verdict: ResolvedSetting.Verdict, _ key: String, _ source: (String, String) -> Source
    ) -> JSONValue {
        let contribution = verdict.contribution
        var members: [String: JSONValue] = [
            "policy": .string(contribution.contributor.name),
            "layer": .string(contribution.contributor.place),
            "priority": .integer(Int64(contribution.contributor.priority)),
            "value": contribution.value,
            "seq": .integer(Int64(contribution.seq)),
        ]
        if contribution.isEnforced { members["enforced"] = .bool(true) }
        let source = source(contribution.contributor.name, key)
        members["author"] = source.author
        members["received"] = source.received.map(JSONValue.integer)
        members["conflict"] = source.conflict
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
        }
    }
}
