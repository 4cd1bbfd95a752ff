import Foundation
import SyncCore

/// As much of JSON Schema 2020-12 as `Protocol/openapi.yaml` uses; a keyword that is not known here is a violation, so
/// that nothing in the text is passed over.
struct SchemaChecker: Sendable {
    private let text: JSONValue

    /// - Parameter text: where `$ref` points into.
    init(_ text: JSONValue) { self.text = text }

    private static let annotations: Set = ["description", "examples", "default", "discriminator"]

    /// What a `$ref` stands for; nil where it leads nowhere.
    func resolved(_ node: JSONValue) -> JSONValue? {
        guard let reference = node["$ref"]?.string else { return node }
        guard reference.hasPrefix("#/") else { return nil }
        let target = reference.dropFirst(2).split(separator: "/").reduce(Optional(text)) { $0?[String($1)] }
        return target.flatMap(resolved)
    }

    func violations(of value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        guard let members = schema.object else { return ["\(place): the schema is no object"] }
        return members.sorted { $0.key < $1.key }.flatMap { keyword, rule in
            check(value, keyword, rule, members, place)
        }
    }

    private func check(
        _ value: JSONValue, _ keyword: String, _ rule: JSONValue, _ schema: [String: JSONValue], _ place: String
    ) -> [String] {
        func expect(_ holds: Bool) -> [String] {
            holds ? [] : ["\(place): \(CanonicalWriter.text(of: value).prefix(120)) breaks \(keyword) \(rule)"]
        }
        switch keyword {
        case _ where Self.annotations.contains(keyword) || keyword.hasPrefix("x-"): return []
        case "$ref":
            guard let target = resolved(.object(schema)) else { return ["\(place): \(rule) leads nowhere"] }
            return violations(of: value, target, at: place)
        case "type": return expect(Self.type(of: value) == rule.string)
        case "enum": return expect(rule.array?.contains(value) ?? false)
        case "const": return expect(value == rule)
        case "oneOf":
            let fitting = (rule.array ?? []).count { violations(of: value, $0, at: place).isEmpty }
            return fitting == 1 ? [] : ["\(place): fits \(fitting) of oneOf, not one"]
        case "properties", "additionalProperties", "required", "dependentRequired":
            return members(value, keyword, rule, schema, place)
        case "items":
            return (value.array ?? []).enumerated().flatMap { violations(of: $1, rule, at: "\(place)[\($0)]") }
        case "pattern":
            guard let text = value.string, let pattern = rule.string else { return [] }
            return expect(text.range(of: pattern, options: .regularExpression) != nil)
        default: return bound(value, keyword, rule).map(expect) ?? ["\(place): the keyword \(keyword) is not known"]
        }
    }

    /// Whether a value keeps a bound; nil where the keyword is none.
    private func bound(_ value: JSONValue, _ keyword: String, _ rule: JSONValue) -> Bool? {
        guard let limit = rule.integer.map({ Int($0) }) else { return nil }
        let length = value.string?.unicodeScalars.count
        return switch keyword {
        case "minimum": value.integer.map { $0 >= limit } ?? true
        case "maximum": value.integer.map { $0 <= limit } ?? true
        case "minLength": length.map { $0 >= limit } ?? true
        case "maxLength": length.map { $0 <= limit } ?? true
        case "minItems": value.array.map { $0.count >= limit } ?? true
        case "maxItems": value.array.map { $0.count <= limit } ?? true
        default: nil
        }
    }

    private func members(
        _ value: JSONValue, _ keyword: String, _ rule: JSONValue, _ schema: [String: JSONValue], _ place: String
    ) -> [String] {
        guard let object = value.object else { return [] }
        let named = schema["properties"]?.object ?? [:]
        switch keyword {
        case "required":
            return (rule.array ?? []).compactMap(\.string).filter { object[$0] == nil }.map { "\(place): no \($0)" }
        case "dependentRequired":
            return (rule.object ?? [:]).filter { object[$0.key] != nil }.flatMap { name, others in
                (others.array ?? []).compactMap(\.string).filter { object[$0] == nil }
                    .map { "\(place): \(name) without \($0)" }
            }
        case "properties":
            let strangers = object.keys.filter { named[$0] == nil && schema["additionalProperties"] == nil }
            return strangers.sorted().map { "\(place): the member \($0) is not documented" }
                + object.flatMap { name, value in
                    named[name].map { violations(of: value, $0, at: "\(place).\(name)") } ?? []
                }
        default:
            let others = object.filter { named[$0.key] == nil }
            if case .bool(let admits) = rule {
                return admits ? [] : others.keys.sorted().map { "\(place): the member \($0) is not documented" }
            }
            return others.flatMap { name, value in violations(of: value, rule, at: "\(place).\(name)") }
        }
    }

    private static func type(of value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
