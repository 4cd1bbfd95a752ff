import SyncCore

/// Random values: of any kind, and of a setting's type.
public enum RandomValue {
    private static let words = ["a", "b", "com.example.app", "é", "e\u{301}", "Wi-Fi \"5\"", "", "z\u{1}"]

    public static func any(depth: Int, using generator: inout some RandomNumberGenerator) -> JSONValue {
        switch Int.random(in: 0...(depth > 0 ? 5 : 3), using: &generator) {
        case 0: return .null
        case 1: return .bool(.random(using: &generator))
        case 2:
            return .integer(.random(in: -Limits.integerMagnitude...Limits.integerMagnitude, using: &generator))
        case 3: return .string(word(using: &generator))
        case 4: return .array((0..<3).map { _ in any(depth: depth - 1, using: &generator) })
        default:
            var members: [String: JSONValue] = [:]
            for name in ["a", "b.c", "Z"] where Bool.random(using: &generator) {
                members[name] = any(depth: depth - 1, using: &generator)
            }
            return .object(members)
        }
    }

    /// A value a policy could carry; now and then one that means "unset" or needs normalizing.
    public static func of(_ type: ValueType, using generator: inout some RandomNumberGenerator) -> JSONValue {
        switch type {
        case .bool: return .bool(.random(using: &generator))
        case .integer: return .integer(.random(in: 0...5, using: &generator))
        case .integer64:
            let number = Int64.random(in: 0...5, using: &generator) * 60_000
            return Bool.random(using: &generator) ? .integer(number) : .string(String(number))
        case .duration:
            return .string(["0s", "0.5s", "60s", "60.0s", "300s", "7776000s"].randomElement(using: &generator) ?? "")
        case .timestamp: return .string("2026-11-0\(Int.random(in: 1...9, using: &generator))T08:00:00Z")
        case .string, .name, .package: return .string(word(using: &generator))
        case .enumeration(let enumeration):
            let names = enumeration.values + enumeration.aliases.keys.sorted() + ["SOMETHING_UNSPECIFIED"]
            return .string(names.randomElement(using: &generator) ?? "NAME")
        case .set(let element), .list(let element, _):
            return .array((0..<Int.random(in: 0...4, using: &generator)).map { _ in of(element, using: &generator) })
        case .record(let members):
            guard let members else { return .object(["text": .string(word(using: &generator))]) }
            var record: [String: JSONValue] = [:]
            for (name, type) in members.sorted(by: { $0.key < $1.key }) where Bool.random(using: &generator) {
                record[name] = of(type, using: &generator)
            }
            return .object(record)
        case .records(let shape): return records(shape, using: &generator)
        case .keyedLists(let lists):
            var members: [String: JSONValue] = ["Type": .string(word(using: &generator))]
            for (list, key) in lists.sorted(by: { $0.key < $1.key }) {
                members[list] = .array(
                    ["g1", "g2"].filter { _ in Bool.random(using: &generator) }.map { guid in
                        .object([key: .string(guid), "Name": .string(word(using: &generator))])
                    })
            }
            return .object(members)
        case .opaque: return .object(["n": .integer(.random(in: 0...2, using: &generator))])
        }
    }

    private static func records(
        _ shape: ValueType.RecordShape, using generator: inout some RandomNumberGenerator
    ) -> JSONValue {
        var records: [[JSONValue]: JSONValue] = [:]
        for _ in 0..<3 {
            let key = shape.keyTypes.map { type -> JSONValue in
                switch type {
                case .string, .name, .package: .string(["k1", "k2", "k3"].randomElement(using: &generator) ?? "")
                case .enumeration(let names): .string(names.values.randomElement(using: &generator) ?? "")
                default: .array([.string(["x", "y"].randomElement(using: &generator) ?? "")])
                }
            }
            var record = JSONValue.object([:])
            for (name, part) in zip(shape.key, key) { record.set(part, at: [name]) }
            for (path, type) in shape.fields.sorted(by: { $0.key < $1.key })
            where Int.random(in: 0...2, using: &generator) == 0 {
                record.set(of(type, using: &generator), at: path.split(separator: ".").map(String.init))
            }
            records[key] = record
        }
        return .array(
            records.sorted { CanonicalWriter.text(of: .array($0.key)) < CanonicalWriter.text(of: .array($1.key)) }
                .map(\.value))
    }

    private static func word(using generator: inout some RandomNumberGenerator) -> String {
        words.randomElement(using: &generator) ?? ""
    }
}

extension JSONValue {
    fileprivate mutating func set(_ value: JSONValue, at path: [String]) {
        guard let first = path.first else {
            self = value
            return
        }
        var members = object ?? [:]
        var member = members[first] ?? .object([:])
        member.set(value, at: Array(path.dropFirst()))
        members[first] = member
        self = .object(members)
    }
}
