/// What a policy says of one setting: a value, and whether it is enforced.
public struct SettingValue: Hashable, Sendable {
    public let value: JSONValue
    public let isEnforced: Bool

    public init(_ value: JSONValue, isEnforced: Bool = false) {
        self.value = value
        self.isEnforced = isEnforced
    }
}

extension PolicyBody {
    /// What the body says of each setting.
    public var settings: [String: SettingValue] {
        Dictionary(
            uniqueKeysWithValues: values.map { ($0, SettingValue($1, isEnforced: enforced.contains($0))) })
    }
}
