/// A piece of HTML or SVG, whose text is escaped when it is written; nothing else in the report escapes.
enum Markup: Sendable, ExpressibleByStringInterpolation {
    case text(String)
    case element(name: String, attributes: [Attribute], children: [Markup])

    struct Attribute: Sendable {
        let name: String
        let value: String
    }

    init(stringLiteral value: String) { self = .text(value) }

    static func tag(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup] = []
    ) -> Markup {
        let attributes = attributes.map { Attribute(name: $0.key, value: $0.value) }
        return .element(name: name, attributes: attributes, children: children)
    }

    var written: String {
        var out = ""
        write(to: &out)
        return out
    }

    /// HTML reads `<p/>` as a `<p>` that is open, so only what it knows to be empty is closed at once.
    private static let empties: Set = ["meta"]

    private func write(to out: inout String) {
        switch self {
        case .text(let text):
            out += Self.escaped(text)
        case .element(let name, let attributes, let children):
            out += "<\(name)"
            for attribute in attributes { out += " \(attribute.name)=\"\(Self.quoted(attribute.value))\"" }
            guard !Self.empties.contains(name) else { return out += "/>" }
            out += ">"
            for child in children { child.write(to: &out) }
            out += "</\(name)>"
        }
    }

    /// Text as it may stand within double quotes.
    private static func quoted(_ text: String) -> String {
        escaped(text).split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "&quot;")
    }

    /// Text as it may stand between tags; what XML does not admit at all is left out. Quotes stay as they are, because
    /// HTML does not read `&quot;` in a style sheet.
    static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\t", "\n": out.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": continue
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
