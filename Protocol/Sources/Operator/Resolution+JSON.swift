import SyncCore

extension Resolution {
    /// Setting -> `value`, `strategy`, `from`; `clampedBy` where another setting limited it.
    public var json: JSONValue {
        .object(
            settings.mapValues { setting in
                var members: [String: JSONValue] = [
                    "value": setting.value,
                    "strategy": .string(setting.decision.strategy),
                    "from": .array(setting.decision.from.map { .string($0.name) }),
                ]
                if let limit = setting.decision.clampedBy { members["clampedBy"] = .string(limit) }
                return .object(members)
            })
    }
}
