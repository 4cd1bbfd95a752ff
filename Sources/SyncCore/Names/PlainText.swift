/// Text that stands on one line and is seen whole: a model, an intent, a reason, a name that another system gives.
///
/// Invariant of what passes: no control, format or other invisible character, no blank but U+0020, and none at either
/// end. So two texts that look alike are alike, and nobody who prints one moves a cursor.
///
/// Checked where something comes in, never where the log is read: what was taken once must be readable for ever.
public enum PlainText {
    public static let expected = "visible characters on one line, without a blank at either end"

    /// What is wrong with a text.
    public enum Fault: Hashable, Sendable, CustomStringConvertible {
        case blankAtBeginning
        case blankAtEnd
        /// A character that cannot be seen, and which one it is, from 1.
        case hidden(Unicode.Scalar, place: Int)

        public var description: String {
            switch self {
            case .blankAtBeginning: "begins with a blank"
            case .blankAtEnd: "ends with a blank"
            case .hidden(let scalar, let place): "has \(scalar.codePoint), which cannot be seen, as character \(place)"
            }
        }
    }

    /// Nil for a text that is as it must be; an empty one is.
    public static func fault(in text: String) -> Fault? {
        let bytes = text.utf8
        if bytes.first == 0x20 { return .blankAtBeginning }
        if bytes.last == 0x20 { return .blankAtEnd }
        // What devices say is ASCII nearly always, and needs no look at the properties of each character.
        guard !bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        for (index, scalar) in text.unicodeScalars.enumerated() where scalar.isHidden {
            return .hidden(scalar, place: index + 1)
        }
        return nil
    }

    /// The first character of a longer text that no terminal and no file should be given: a control character that is
    /// neither a tab nor a line's end.
    static func control(in text: String) -> Fault? {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 }) else { return nil }
        for (index, scalar) in text.unicodeScalars.enumerated()
        where scalar.properties.generalCategory == .control && !["\t", "\n", "\r"].contains(scalar) {
            return .hidden(scalar, place: index + 1)
        }
        return nil
    }
}

/// The serial number that a maker gave a terminal.
public enum SerialNumber {
    public static let length = 1...64
    public static let expected = "1 to 64 visible ASCII characters, no blanks"

    public static func isValid(_ text: String) -> Bool {
        length.contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

extension Unicode.Scalar {
    /// Whether it shows nothing, or moves what stands beside it: control and format characters (the bidirectional ones
    /// and those without width among them), line separators, and every blank that is not U+0020.
    public var isHidden: Bool {
        guard value >= 0x7F else { return value < 0x20 }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator: return true
        default: return properties.isDefaultIgnorableCodePoint || value == 0x2800
        }
    }

    /// `U+001B`.
    var codePoint: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

extension String {
    /// The text as it may be printed: what is hidden is written as JSON escapes it, `\u001b`, so that nothing in it
    /// moves a cursor, and a JSON text stays the same JSON.
    ///
    /// - Parameter lines: whether a line's end stays one.
    public func printable(lines: Bool = false) -> String {
        guard unicodeScalars.contains(where: { $0.isHidden && !(lines && $0 == "\n") }) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isHidden, !(lines && scalar == "\n") {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
