extension JSONReader {
    /// Reads a string; the position stands at its opening quote.
    mutating func string() throws(JSONError) -> String {
        let opening = position
        position += 1
        let start = position
        var union: UInt8 = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                defer { position += 1 }
                let raw = UnsafeBufferPointer(rebasing: bytes[start..<position])
                // ASCII needs no validation, which costs more than all else here.
                guard union >= 0x80 || raw.count > bounds.stringBytes else {
                    return String(decoding: raw, as: UTF8.self)
                }
                return try text(raw, from: opening)
            }
            union |= byte
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start, opening: opening) }
            guard byte >= 0x20 else { throw JSONError(.controlCharacter, at: position) }
            position += 1
        }
        throw JSONError(.unexpectedEnd, at: position)
    }

    /// The slow path: the string has at least one escape, so its bytes are gathered.
    private mutating func escapedString(from start: Int, opening: Int) throws(JSONError) -> String {
        var gathered = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                let outcome = gathered.withUnsafeBufferPointer { buffer -> Result<String, JSONError> in
                    do throws(JSONError) {
                        return .success(try text(buffer, from: opening))
                    } catch {
                        return .failure(error)
                    }
                }
                return try outcome.get()
            case UInt8(ascii: "\\"):
                gathered.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20:
                throw JSONError(.controlCharacter, at: position)
            default:
                gathered.append(byte)
                position += 1
            }
        }
        throw JSONError(.unexpectedEnd, at: position)
    }

    private func text(_ utf8: UnsafeBufferPointer<UInt8>, from opening: Int) throws(JSONError) -> String {
        guard utf8.count <= bounds.stringBytes else { throw JSONError(.stringTooLong, at: opening) }
        guard let text = String(validating: utf8, as: UTF8.self) else { throw JSONError(.notUTF8, at: opening) }
        return text
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        let start = position
        position += 1
        let letter = try peek()
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape(from: start)
        default: throw JSONError(.badEscape, at: start)
        }
    }

    private mutating func unicodeEscape(from start: Int) throws(JSONError) -> Unicode.Scalar {
        let unit = try fourHexDigits()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // A high surrogate must be followed by a low one (RFC 8259, section 7).
        guard unit < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw JSONError(.loneSurrogate, at: start) }
        position += 2
        let low = try fourHexDigits()
        guard low >= 0xDC00, low <= 0xDFFF,
            let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
        else { throw JSONError(.loneSurrogate, at: start) }
        return scalar
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            let byte = try peek()
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw JSONError(.badEscape, at: position)
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }
}
