/// What a device says of itself and selectors may read: a short, fixed list.
///
/// Logged at enrolment and when it changes, whether a selector reads it or not, so that the log can tell later what a
/// policy would have reached.
public struct Facts: Hashable, Sendable {
    public static let textLimit = 64

    public let model: String?
    public let formFactor: FormFactor?
    public let apiLevel: Int?
    /// `YYYY-MM`.
    public let patchMonth: String?

    /// The list, by name.
    public enum Name: String, Hashable, Sendable, CaseIterable {
        case apiLevel, formFactor, model, patchMonth

        /// Whether one value can be above another.
        var isOrdered: Bool { self == .apiLevel || self == .patchMonth }
    }

    public enum FormFactor: String, Hashable, Sendable { case phone, tablet }

    public static let none = Facts()

    private init() {
        model = nil
        formFactor = nil
        apiLevel = nil
        patchMonth = nil
    }

    /// These facts, as far as they are among some; the others unknown.
    public func keeping(_ names: Set<Name>) -> Facts { Facts(self, keeping: names) }

    private init(_ facts: Facts, keeping names: Set<Name>) {
        model = names.contains(.model) ? facts.model : nil
        formFactor = names.contains(.formFactor) ? facts.formFactor : nil
        apiLevel = names.contains(.apiLevel) ? facts.apiLevel : nil
        patchMonth = names.contains(.patchMonth) ? facts.patchMonth : nil
    }

    /// Reads facts from an object; whatever is absent is unknown.
    ///
    /// - Throws: the name of the first member that is unknown or not what it should be.
    public init(_ json: JSONValue) throws(Malformed) {
        guard let members = json.object else { throw Malformed(name: "facts", expected: "an object") }
        if let stranger = members.keys.filter({ Name(rawValue: $0) == nil }).min() {
            let known = Name.allCases.map(\.rawValue).sorted().joined(separator: ", ")
            throw Malformed(name: "facts.\(stranger)", expected: known)
        }
        model = try Self.read(members["model"], "model", "1 to \(Self.textLimit) bytes of text") { json in
            json.string.flatMap { (1...Self.textLimit).contains($0.utf8.count) ? $0 : nil }
        }
        formFactor = try Self.read(members["formFactor"], "formFactor", "phone or tablet") { json in
            json.string.flatMap(FormFactor.init)
        }
        apiLevel = try Self.read(members["apiLevel"], "apiLevel", "an integer from 1 to 999") { json in
            json.integer.flatMap { (1...999).contains($0) ? Int($0) : nil }
        }
        patchMonth = try Self.read(members["patchMonth"], "patchMonth", "a month such as 2026-11") { json in
            json.string.flatMap { Self.isMonth($0) ? $0 : nil }
        }
    }

    /// Reads what a device says now. The log is read without this check: what it has stands as it was taken.
    public init(stated json: JSONValue) throws(Malformed) {
        self = try Facts(json)
        if let fault = model.flatMap(PlainText.fault) {
            throw Malformed(
                name: "facts.model", expected: "1 to \(Self.textLimit) bytes, \(PlainText.expected); it \(fault)")
        }
    }

    private static func isMonth(_ text: String) -> Bool {
        guard text.utf8.count == 7 else { return false }
        var month = 0
        for (index, byte) in text.utf8.enumerated() {
            if index == 4 {
                guard byte == UInt8(ascii: "-") else { return false }
            } else {
                guard case 0x30...0x39 = byte else { return false }
                if index > 4 { month = month * 10 + Int(byte - 0x30) }
            }
        }
        return (1...12).contains(month)
    }

    private static func read<T>(
        _ json: JSONValue?, _ name: String, _ expected: String, _ convert: (JSONValue) -> T?
    ) throws(Malformed) -> T? {
        guard let json else { return nil }
        guard let value = convert(json) else { throw Malformed(name: "facts.\(name)", expected: expected) }
        return value
    }

    public struct Malformed: Error, Hashable, Sendable {
        public let name: String
        public let expected: String
    }

    public var json: JSONValue {
        var members: [String: JSONValue] = [:]
        members["model"] = model.map(JSONValue.string)
        members["formFactor"] = formFactor.map { .string($0.rawValue) }
        members["apiLevel"] = apiLevel.map { .integer(Int64($0)) }
        members["patchMonth"] = patchMonth.map(JSONValue.string)
        return .object(members)
    }
}
