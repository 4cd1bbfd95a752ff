/// Why a text is not JSON that Consigne admits, and where.
public struct JSONError: Error, Hashable, Sendable {
    public enum Reason: String, Hashable, Sendable {
        case empty
        case tooLarge = "too-large"
        case tooDeep = "too-deep"
        case tooManyValues = "too-many-values"
        case byteOrderMark = "byte-order-mark"
        case notUTF8 = "not-utf8"
        case unexpectedByte = "unexpected-byte"
        case unexpectedEnd = "unexpected-end"
        case trailingBytes = "trailing-bytes"
        case duplicateName = "duplicate-name"
        case badName = "bad-name"
        case badEscape = "bad-escape"
        case loneSurrogate = "lone-surrogate"
        case controlCharacter = "control-character"
        case stringTooLong = "string-too-long"
        case notAnInteger = "not-an-integer"
        case integerTooLarge = "integer-too-large"
    }

    public let reason: Reason
    /// Byte offset in the text, from 0.
    public let offset: Int
    /// Names and indexes from the root to the place, outermost first.
    public private(set) var path: [String]

    init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
        self.path = []
    }

    /// The same error, seen from one level further out.
    func under(_ name: String) -> JSONError {
        var outer = self
        outer.path.insert(name, at: 0)
        return outer
    }
}

extension JSONError: CustomStringConvertible {
    public var description: String {
        let place = path.isEmpty ? "" : " in \(path.joined(separator: "."))"
        return "\(explanation) at byte \(offset)\(place)"
    }

    /// What is wrong, without the place.
    public var explanation: String {
        switch reason {
        case .empty: "the text is empty, expected a JSON value"
        case .tooLarge: "the text is larger than it may be"
        case .tooDeep: "nesting deeper than it may be"
        case .tooManyValues: "more values than \(Limits.jsonValues)"
        case .byteOrderMark: "a byte order mark, expected plain UTF-8"
        case .notUTF8: "bytes that are not UTF-8"
        case .unexpectedByte: "an unexpected character"
        case .unexpectedEnd: "the text ends inside a value"
        case .trailingBytes: "something follows the value"
        case .duplicateName: "a member name stands twice"
        case .badName: "a member name that is not 1 to \(Limits.nameBytes) ASCII characters"
        case .badEscape: "an escape that JSON does not know"
        case .loneSurrogate: "half of a surrogate pair"
        case .controlCharacter: "a raw control character in a string"
        case .stringTooLong: "a string of more than \(Limits.stringBytes) bytes"
        case .notAnInteger:
            "a number with a fraction or an exponent, expected an integer; where a text is taken, write it in quotes"
        case .integerTooLarge: "an integer beyond \(Limits.integerMagnitude)"
        }
    }
}
