/// Writes the one form of a value that is hashed and sent: RFC 8785, for the values that Consigne admits.
///
/// Equal values give equal bytes on every machine. Names are ASCII and sorted by bytes, which for ASCII is the UTF-16
/// order RFC 8785 asks for; integers are within 2^53, so ECMAScript prints them as plain digits.
public struct CanonicalWriter {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public static func bytes(of value: JSONValue) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.bytes.reserveCapacity(256)
        writer.write(value)
        return writer.bytes
    }

    /// How many bytes the canonical form has.
    public static func count(of value: JSONValue) -> Int { bytes(of: value).count }

    /// The canonical form as text, for messages and files.
    public static func text(of value: JSONValue) -> String {
        String(decoding: bytes(of: value), as: UTF8.self)
    }

    public mutating func write(_ value: JSONValue) {
        switch value {
        case .null: raw("null")
        case .bool(let value): raw(value ? "true" as StaticString : "false")
        case .integer(let value): raw(value.description)
        case .string(let value): write(value)
        case .array(let elements): write(elements)
        case .object(let members): write(members)
        }
    }

    private mutating func write(_ elements: [JSONValue]) {
        raw("[")
        for (index, element) in elements.enumerated() {
            if index > 0 { raw(",") }
            write(element)
        }
        raw("]")
    }

    private mutating func write(_ members: [String: JSONValue]) {
        raw("{")
        let sorted = members.sorted { $0.key.precedesInBytes($1.key) }
        for (index, member) in sorted.enumerated() {
            if index > 0 { raw(",") }
            write(member.key)
            raw(":")
            write(member.value)
        }
        raw("}")
    }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        defer { bytes.append(UInt8(ascii: "\"")) }
        var text = text
        let isPlain = text.withUTF8 { utf8 in
            guard !utf8.contains(where: Self.isEscaped) else { return false }
            bytes.append(contentsOf: utf8)
            return true
        }
        guard !isPlain else { return }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): raw("\\\"")
            case UInt8(ascii: "\\"): raw("\\\\")
            case 0x08: raw("\\b")
            case 0x09: raw("\\t")
            case 0x0A: raw("\\n")
            case 0x0C: raw("\\f")
            case 0x0D: raw("\\r")
            case 0..<0x20:
                raw("\\u00")
                bytes.append(Hex.digit(byte >> 4))
                bytes.append(Hex.digit(byte & 0xF))
            default: bytes.append(byte)
            }
        }
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func raw(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    private mutating func raw(_ text: StaticString) { text.withUTF8Buffer { bytes.append(contentsOf: $0) } }
}
