/// One thing that is wrong with a policy, in words its author can act on.
public struct PolicyProblem: Error, Hashable, Sendable {
    public enum Code: String, Hashable, Sendable {
        case unknownSetting = "unknown-setting"
        case wrongType = "wrong-type"
        case unknownValue = "unknown-value"
        case nullValue = "null-value"
        case badNesting = "bad-nesting"
        case outOfRange = "out-of-range"
        case tooMany = "too-many"
        case tooDeep = "too-deep"
        case tooLarge = "too-large"
        case duplicateKey = "duplicate-key"
        case missingKey = "missing-key"
        case notInPolicy = "not-in-policy"
        case enforcedUnset = "enforced-unset"
        case constraintBroken = "constraint-broken"
        case setTwice = "set-twice"
        case badText = "bad-text"
    }

    public let code: Code
    /// Where: a setting's key, then fields and indexes below it.
    public let path: String
    /// What stands there, cut to a length for a screen.
    public let value: String
    public let expected: String

    init(_ code: Code, at path: String, value: JSONValue?, expected: String) {
        self.code = code
        self.path = path
        let text = value.map(CanonicalWriter.text) ?? "nothing"
        self.value = text.utf8.count > 80 ? String(text.prefix(77)) + "..." : text
        self.expected = expected
    }
}

extension PolicyProblem: CustomStringConvertible {
    public var description: String { "\(path): \(code.rawValue): found \(value), expected \(expected)" }
}

/// Everything found wrong with a policy, in order of path; never empty.
public struct PolicyProblems: Error, Hashable, Sendable, CustomStringConvertible {
    public let problems: [PolicyProblem]

    public init(_ problems: [PolicyProblem]) {
        let sorted = problems.sorted { ($0.path, $0.code.rawValue) < ($1.path, $1.code.rawValue) }
        self.problems = Array(sorted.prefix(Limits.problemsListed))
    }

    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
