/// One condition on what a device says of itself: `fact.apiLevel>=33`.
///
/// A fact that is unknown meets no condition.
public struct FactTerm: Hashable, Sendable {
    public enum Comparison: String, Hashable, Sendable, CaseIterable {
        // Longer ones first, so that `>=` is not read as `>`.
        case notAbove = "<=", notBelow = ">=", below = "<", above = ">", equal = "="
    }

    public static let prefix = "fact."
    public static let expected =
        "fact.model=, fact.formFactor=phone or tablet, fact.apiLevel or fact.patchMonth with =, <, <=, > or >="

    public let name: Facts.Name
    public let comparison: Comparison
    /// As `Facts` reads it.
    private let value: Facts

    init?(_ text: some StringProtocol) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let rest = text.dropFirst(Self.prefix.count)
        let word = String(rest.prefix { $0.isLetter })
        let tail = rest.dropFirst(word.count)
        guard let name = Facts.Name(rawValue: word),
            let comparison = Comparison.allCases.first(where: { tail.hasPrefix($0.rawValue) }),
            name.isOrdered || comparison == .equal
        else { return nil }
        let operand = String(tail.dropFirst(comparison.rawValue.count))
        let json = name == .apiLevel ? Int64(operand).map(JSONValue.integer) : .string(operand)
        guard let json, let value = try? Facts(.object([word: json])) else { return nil }
        self.name = name
        self.comparison = comparison
        self.value = value
    }

    func matches(_ facts: Facts) -> Bool {
        switch name {
        case .model: facts.model == value.model
        case .formFactor: facts.formFactor == value.formFactor
        case .apiLevel: compare(facts.apiLevel, value.apiLevel)
        case .patchMonth: compare(facts.patchMonth, value.patchMonth)
        }
    }

    private func compare<T: Comparable>(_ fact: T?, _ bound: T?) -> Bool {
        guard let fact, let bound else { return false }
        return switch comparison {
        case .equal: fact == bound
        case .below: fact < bound
        case .notAbove: fact <= bound
        case .above: fact > bound
        case .notBelow: fact >= bound
        }
    }
}

extension FactTerm: Comparable, CustomStringConvertible {
    public var description: String {
        let json = value.json[name.rawValue]
        return "\(Self.prefix)\(name.rawValue)\(comparison.rawValue)"
            + (json?.string ?? json?.integer.map { String($0) } ?? "")
    }

    public static func < (left: FactTerm, right: FactTerm) -> Bool {
        left.description.precedesInBytes(right.description)
    }
}
