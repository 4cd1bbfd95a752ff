extension Strategy.AllowDenyRule {
    /// If anyone allows: what all who allow have in common, less what anyone denies. Otherwise all that is denied.
    func merge(_ values: [JSONValue]) -> JSONValue {
        let allowed = values.filter { $0[typeField] == .string(allow) }.map(items)
        let denied = values.filter { $0[typeField] != .string(allow) }.map(items).reduce(into: Set()) {
            $0.formUnion($1)
        }
        guard let first = allowed.first else { return list(deny, denied) }
        return list(allow, allowed.dropFirst().reduce(first) { $0.intersection($1) }.subtracting(denied))
    }

    private func items(_ value: JSONValue) -> Set<JSONValue> {
        Set((value[listField]?.array ?? []).compactMap { $0[itemKey] })
    }

    private func list(_ type: String, _ items: Set<JSONValue>) -> JSONValue {
        .object([
            typeField: .string(type),
            listField: .array(CanonicalSet.sorted(items).map { .object([itemKey: $0]) }),
        ])
    }
}
