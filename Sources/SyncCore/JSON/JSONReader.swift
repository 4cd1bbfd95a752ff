/// A strict reader of JSON (RFC 8259) in one pass over the bytes.
///
/// It refuses what readers disagree on (RFC 8259, sections 4, 6 and 8): duplicate names, a byte order mark, invalid
/// UTF-8, lone surrogates, fractions and integers a double cannot hold. Names are ASCII, so that their byte order is
/// the UTF-16 order that RFC 8785 sorts by.
public struct JSONReader {
    var bytes: UnsafeBufferPointer<UInt8>
    var position = 0
    private var depth = 0
    private var values = 0
    let bounds: JSONBounds

    /// Reads one whole text of at most `limit` bytes, as it comes from outside.
    public static func read(_ bytes: [UInt8], limit: Int = Limits.jsonBytes) throws(JSONError) -> JSONValue {
        var bounds = JSONBounds.wire
        bounds.bytes = limit
        return try read(bytes, within: bounds)
    }

    public static func read(_ bytes: [UInt8], within bounds: JSONBounds) throws(JSONError) -> JSONValue {
        guard !bytes.isEmpty else { throw JSONError(.empty, at: 0) }
        guard bytes.count <= bounds.bytes else { throw JSONError(.tooLarge, at: bounds.bytes) }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw JSONError(.byteOrderMark, at: 0) }
        let outcome = bytes.withUnsafeBufferPointer { buffer -> Result<JSONValue, JSONError> in
            var reader = JSONReader(bytes: buffer, bounds: bounds)
            do throws(JSONError) {
                return .success(try reader.text())
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, bounds: JSONBounds) {
        self.bytes = bytes
        self.bounds = bounds
    }

    private mutating func text() throws(JSONError) -> JSONValue {
        let value = try value()
        skipWhitespace()
        guard position == bytes.count else { throw JSONError(.trailingBytes, at: position) }
        return value
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        skipWhitespace()
        values += 1
        guard values <= bounds.values else { throw JSONError(.tooManyValues, at: position) }
        switch try peek() {
        case UInt8(ascii: "{"): return .object(try nested { reader throws(JSONError) in try reader.object() })
        case UInt8(ascii: "["): return .array(try nested { reader throws(JSONError) in try reader.array() })
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return .integer(try integer())
        }
    }

    private mutating func nested<T>(
        _ body: (inout JSONReader) throws(JSONError) -> T
    ) throws(JSONError) -> T {
        guard depth < bounds.depth else { throw JSONError(.tooDeep, at: position) }
        depth += 1
        position += 1
        defer { depth -= 1 }
        return try body(&self)
    }

    private mutating func object() throws(JSONError) -> [String: JSONValue] {
        if try skipped(UInt8(ascii: "}")) { return [:] }
        // What devices send has about so many; without it the storage would grow twice.
        var members = [String: JSONValue](minimumCapacity: 6)
        repeat {
            skipWhitespace()
            let start = position
            guard try peek() == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: position) }
            let name = try string()
            guard !name.isEmpty, name.utf8.count <= Limits.nameBytes, name.utf8.allSatisfy({ $0 < 0x80 }) else {
                throw JSONError(.badName, at: start)
            }
            guard try skipped(UInt8(ascii: ":")) else { throw JSONError(.unexpectedByte, at: position) }
            do throws(JSONError) {
                let value = try value()
                guard members.updateValue(value, forKey: name) == nil else {
                    throw JSONError(.duplicateName, at: start)
                }
            } catch {
                throw error.under(name)
            }
        } while try separated(closedBy: UInt8(ascii: "}"))
        return members
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        var elements: [JSONValue] = []
        if try skipped(UInt8(ascii: "]")) { return elements }
        repeat {
            do throws(JSONError) {
                elements.append(try value())
            } catch {
                throw error.under("[\(elements.count)]")
            }
        } while try separated(closedBy: UInt8(ascii: "]"))
        return elements
    }

    private mutating func integer() throws(JSONError) -> Int64 {
        let start = position
        let negative = bytes[position] == UInt8(ascii: "-")
        if negative { position += 1 }
        let digits = position
        var magnitude: Int64 = 0
        while position < bytes.count, case let digit = bytes[position], digit >= 0x30, digit <= 0x39 {
            magnitude = magnitude * 10 + Int64(digit - 0x30)
            guard magnitude <= Limits.integerMagnitude else { throw JSONError(.integerTooLarge, at: start) }
            position += 1
        }
        guard position > digits else {
            throw JSONError(position < bytes.count ? .unexpectedByte : .unexpectedEnd, at: position)
        }
        if bytes[digits] == 0x30, position > digits + 1 { throw JSONError(.unexpectedByte, at: digits + 1) }
        if position < bytes.count, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(bytes[position]) {
            throw JSONError(.notAnInteger, at: start)
        }
        return negative ? -magnitude : magnitude
    }
}

extension JSONReader {
    func peek() throws(JSONError) -> UInt8 {
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
        return bytes[position]
    }

    private mutating func skipWhitespace() {
        while position < bytes.count, case let byte = bytes[position],
            byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
        {
            position += 1
        }
    }

    /// Whether the next character was this one; if so it is consumed.
    private mutating func skipped(_ byte: UInt8) throws(JSONError) -> Bool {
        skipWhitespace()
        guard try peek() == byte else { return false }
        position += 1
        return true
    }

    /// True after a comma, false after the closing character; anything else is an error.
    private mutating func separated(closedBy closing: UInt8) throws(JSONError) -> Bool {
        if try skipped(UInt8(ascii: ",")) { return true }
        guard try skipped(closing) else { throw JSONError(.unexpectedByte, at: position) }
        return false
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard try peek() == word.utf8Start[index] else { throw JSONError(.unexpectedByte, at: position) }
            position += 1
        }
        return value
    }
}
