import SyncCore

/// Values of settings as people read them: short ones as they are, of long ones how much they hold.
enum ValueText {
    /// A value on one line of a table.
    static func summary(_ value: JSONValue?, unset: String = "(not set)") -> String {
        guard let value else { return unset }
        guard let elements = value.array, !elements.isEmpty else {
            return value == .array([]) ? "(empty)" : Cell.text(of: value)
        }
        if elements.contains(where: { $0.object != nil }) { return count(elements.count, "record") }
        let whole = Cell.whole(value)
        return whole == Cell.cut(whole) ? whole : count(elements.count, "element")
    }

    /// A member of a plan that may have been too large to be sent.
    static func summary(_ json: JSONValue, _ member: String, unset: String) -> String {
        if let parts = json[member + "Parts"]?.integer { return count(Int(parts), "record") }
        if let bytes = json[member + "Bytes"]?.integer { return count(Int(bytes), "byte") }
        return summary(json[member], unset: unset)
    }

    static func count(_ number: Int, _ noun: String) -> String { number == 1 ? "1 \(noun)" : "\(number) \(noun)s" }
}

/// Parts of a setting's value that come, go or change.
enum PartText {
    /// Parts listed where nobody asked for all.
    static let listed = 20

    /// `- fr.example.map` and the like, with what changes in each.
    static func lines(_ parts: [JSONValue], indent: String, isFull: Bool) -> [String] {
        let shown = isFull ? parts : Array(parts.prefix(listed))
        let names = shown.map(name)
        let width = min(names.map(\.count).max() ?? 0, 50)
        let lines = zip(shown, names).map { part, name in
            let sign = ["removed": "-", "changed": "~", "added": "+"][part["change"]?.string] ?? " "
            let devices = part["devices"]?.integer.map { ValueText.count(Int($0), "device") }
            let words = [devices, fields(part)].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "   ")
            return "\(indent)\(sign) " + (words.isEmpty ? name : name.padded(to: width) + "   " + words)
        }
        let more = parts.count - shown.count
        return more > 0 ? lines + ["\(indent)and \(more) more: --full shows all"] : lines
    }

    /// `4 removed, 1 changed`.
    static func counts(_ json: JSONValue) -> String {
        let counts = ["removed", "changed", "added"].compactMap { kind -> String? in
            json[kind]?.integer.flatMap { $0 > 0 ? "\($0) \(kind)" : nil }
        }
        return counts.isEmpty ? "not compared" : counts.joined(separator: ", ")
    }

    static func name(_ part: JSONValue) -> String {
        let list = part["list"].map { Cell.whole($0) + " " } ?? ""
        return list + (part["name"].map(Cell.whole) ?? "(fields)")
    }

    private static func fields(_ part: JSONValue) -> String {
        (part["fields"]?.array ?? []).map { field in
            let path = Cell.whole(field["field"])
            let after = ValueText.summary(field, "after", unset: "(not set)")
            if part["change"] == .string("added") { return "\(path): \(after)" }
            return "\(path): \(ValueText.summary(field, "before", unset: "(not set)")) -> \(after)"
        }.joined(separator: ", ")
    }
}

extension ValueDifference {
    /// As a plan tells it.
    var json: [JSONValue] {
        parts.map { part in
            var members: [String: JSONValue] = ["change": .string(part.kind.rawValue)]
            members["list"] = part.list.map(JSONValue.string)
            members["name"] = part.name
            if !part.fields.isEmpty {
                members["fields"] = .array(
                    part.fields.map { field in
                        var members: [String: JSONValue] = ["field": .string(field.path)]
                        members["before"] = field.before
                        members["after"] = field.after
                        return .object(members)
                    })
            }
            return .object(members)
        }
    }

    /// `4 removed, 1 changed`.
    var counts: String {
        let counts = ValueDifference.Part.Kind.allCases.compactMap { kind -> String? in
            let number = parts.count { $0.kind == kind }
            return number > 0 ? "\(number) \(kind.rawValue)" : nil
        }
        return counts.joined(separator: ", ")
    }
}
