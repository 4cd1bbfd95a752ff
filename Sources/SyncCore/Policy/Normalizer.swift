/// Brings a value from outside into the normal form of its type, or says what is wrong with it and where.
///
/// It returns nil for a value that means "not set" (AMAPI's `*_UNSPECIFIED`), so that no later step has to know of it.
struct Normalizer {
    private(set) var problems: [PolicyProblem] = []
    /// What was written otherwise than it was stated, for the author to know; the first ones.
    private(set) var notes: [String] = []

    mutating func normalize(_ value: JSONValue, as type: ValueType, at path: String) -> JSONValue? {
        if value == .null {
            return fail(.nullValue, path, value, "\(type); to leave it unset, leave it out")
        }
        switch type {
        case .bool: return value.bool == nil ? wrongType(value, type, path) : value
        case .integer: return value.integer == nil ? wrongType(value, type, path) : value
        case .integer64: return integer64(value, path)
        case .duration:
            guard let duration = value.string.flatMap(Seconds.init) else { return wrongType(value, type, path) }
            return .string(duration.description)
        case .timestamp: return value.string.flatMap(Timestamp.init) == nil ? wrongType(value, type, path) : value
        case .string: return text(value, type, path) { PlainText.control(in: $0) }
        case .name: return text(value, type, path) { PlainText.fault(in: $0) }
        case .package: return package(value, path)
        case .enumeration(let enumeration): return name(value, in: enumeration, path)
        case .set(let element): return set(value, of: element, path)
        case .list(let element, let maximum): return list(value, of: element, maximum, path)
        case .record(let members): return record(value, members, path)
        case .records(let shape): return records(value, shape, path)
        case .keyedLists(let lists): return keyedLists(value, lists, path)
        case .opaque: return opaque(value, path)
        }
    }

    private mutating func text(
        _ value: JSONValue, _ type: ValueType, _ path: String, fault: (String) -> PlainText.Fault?
    ) -> JSONValue? {
        guard let text = value.string else { return wrongType(value, type, path) }
        guard let fault = fault(text) else { return value }
        return fail(.badText, path, value, "\(type); it \(fault)")
    }

    /// As Android's package parser admits them (AOSP, ParsingPackageUtils.validateName), a single word like `android`
    /// included; and hyphens, which it does not: lists of other systems have them, and nothing is installed by such a name.
    private mutating func package(_ value: JSONValue, _ path: String) -> JSONValue? {
        guard let text = value.string else { return wrongType(value, .package, path) }
        let words = text.split(separator: ".", omittingEmptySubsequences: false)
        let isName = words.allSatisfy { word in
            guard let first = word.utf8.first, first.isLetter else { return false }
            return word.utf8.allSatisfy {
                $0.isLetter || (0x30...0x39).contains($0) || [UInt8(ascii: "_"), UInt8(ascii: "-")].contains($0)
            }
        }
        guard isName, text.utf8.count <= Limits.packageBytes else {
            return fail(.badText, path, value, ValueType.package.description)
        }
        return value
    }

    private mutating func integer64(_ value: JSONValue, _ path: String) -> JSONValue? {
        if value.integer != nil { return value }
        guard let text = value.string, let number = Int64(text), text == String(number),
            number.magnitude <= Limits.integerMagnitude.magnitude
        else { return wrongType(value, .integer64, path) }
        return .integer(number)
    }

    private mutating func name(
        _ value: JSONValue, in enumeration: ValueType.Enumeration, _ path: String
    ) -> JSONValue? {
        guard let name = value.string else { return wrongType(value, .enumeration(enumeration), path) }
        if let current = enumeration.aliases[name] {
            note("\(path): \(name) written as \(current)")
            return .string(current)
        }
        if enumeration.values.contains(name) { return value }
        if name.hasSuffix("_UNSPECIFIED") {
            note("\(path): \(name) left out, it means that nothing is set")
            return nil
        }
        guard enumeration.values.isEmpty else {
            return fail(.unknownValue, path, value, ValueType.enumeration(enumeration).description)
        }
        return text(value, .name, path) { PlainText.fault(in: $0) }
    }

    private mutating func set(_ value: JSONValue, of element: ValueType, _ path: String) -> JSONValue? {
        guard let elements = normalizedElements(value, element, Limits.listElements, .set(of: element), path) else {
            return nil
        }
        return .array(CanonicalSet.sorted(elements))
    }

    private mutating func list(
        _ value: JSONValue, of element: ValueType, _ maximum: Int, _ path: String
    ) -> JSONValue? {
        normalizedElements(value, element, maximum, .list(of: element, maximumCount: maximum), path).map(
            JSONValue.array)
    }

    private mutating func normalizedElements(
        _ value: JSONValue, _ element: ValueType, _ maximum: Int, _ type: ValueType, _ path: String
    ) -> [JSONValue]? {
        guard let elements = value.array else { return wrongType(value, type, path) }
        guard elements.count <= maximum else {
            return fail(.tooMany, path, .integer(Int64(elements.count)), "at most \(maximum) elements")
        }
        var normal: [JSONValue] = []
        for (index, raw) in elements.enumerated() {
            if let element = normalize(raw, as: element, at: "\(path)[\(index)]") { normal.append(element) }
        }
        return normal
    }

    private mutating func record(
        _ value: JSONValue, _ members: [String: ValueType]?, _ path: String
    ) -> JSONValue? {
        guard let object = value.object else { return wrongType(value, .record(members: members), path) }
        guard let members else { return opaque(value, path) }
        var normal: [String: JSONValue] = [:]
        for (name, raw) in object.sorted(by: { $0.key < $1.key }) {
            guard let type = members[name] else {
                report(
                    .unknownSetting, "\(path).\(name)", raw, "one of \(members.keys.sorted().joined(separator: ", "))")
                continue
            }
            normal[name] = normalize(raw, as: type, at: "\(path).\(name)")
        }
        return .object(normal)
    }

    /// Opaque values are kept as they are; null is refused inside them too, because the canonical form has none.
    private mutating func opaque(_ value: JSONValue, _ path: String) -> JSONValue? {
        switch value {
        case .null: report(.nullValue, path, value, "a value; to leave it unset, leave it out")
        case .array(let elements):
            for (index, element) in elements.enumerated() { _ = opaque(element, "\(path)[\(index)]") }
        case .object(let members):
            for (name, member) in members { _ = opaque(member, "\(path).\(name)") }
        case .bool, .integer, .string: break
        }
        return value
    }

    private mutating func wrongType<T>(_ value: JSONValue, _ type: ValueType, _ path: String) -> T? {
        fail(.wrongType, path, value, type.description)
    }

    /// Reports a problem and gives nothing in the value's place.
    mutating func fail<T>(
        _ code: PolicyProblem.Code, _ path: String, _ value: JSONValue?, _ expected: String
    ) -> T? {
        report(code, path, value, expected)
        return nil
    }

    private mutating func note(_ text: String) {
        if notes.count < Limits.notesListed { notes.append(text) }
    }

    mutating func report(_ code: PolicyProblem.Code, _ path: String, _ value: JSONValue?, _ expected: String) {
        guard problems.count < Limits.problemsListed else { return }
        problems.append(PolicyProblem(code, at: path, value: value, expected: expected))
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
    }
}
