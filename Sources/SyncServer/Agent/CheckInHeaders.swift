import NIOHTTP1

/// The headers of `GET /v1/sync` that decide its answer, as they came.
struct CheckInHeaders: Equatable {
    var authorization: String?
    var have: String?
    var tag: String?
    var prefer: String?
    /// What it takes beside whole documents.
    var accept: String?

    /// Whether a delta may be sent.
    var acceptsDelta: Bool { accept == "delta" }

    /// Finds all of them in one pass; of a repeated header the first counts.
    init(_ headers: HTTPHeaders) {
        for (name, value) in headers {
            // Three of the five names have 13 characters; the first letter tells which it may be.
            switch (name.utf8.count, (name.utf8.first ?? 0) | 0x20) {
            case (13, UInt8(ascii: "a")) where authorization == nil && name.isASCIIEqual("authorization"):
                authorization = value
            case (13, UInt8(ascii: "c")) where have == nil && name.isASCIIEqual("consigne-have"): have = value
            case (13, UInt8(ascii: "i")) where tag == nil && name.isASCIIEqual("if-none-match"): tag = value
            case (15, UInt8(ascii: "c")) where accept == nil && name.isASCIIEqual("consigne-accept"): accept = value
            case (6, UInt8(ascii: "p")) where prefer == nil && name.isASCIIEqual("prefer"): prefer = value
            default: break
            }
        }
    }
}

extension String {
    /// Equal but for the case of ASCII letters; `other` is in lower case and equally long.
    fileprivate func isASCIIEqual(_ other: StaticString) -> Bool {
        var index = 0
        for byte in utf8 {
            let expected = other.utf8Start[index]
            guard byte == expected || (byte | 0x20 == expected && byte >= 0x41 && byte <= 0x5A) else { return false }
            index += 1
        }
        return true
    }
}
