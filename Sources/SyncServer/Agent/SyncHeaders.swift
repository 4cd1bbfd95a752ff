import NIOHTTP1

/// The headers of the sync routes that decide an answer, as they came.
struct SyncHeaders: Equatable {
    var authorization: String?
    var have: String?
    var tag: String?
    var prefer: String?
    /// What it takes beside whole documents.
    var accept: String?
    var encoding: String?

    /// The forms that an answer may have.
    struct Forms {
        var isDelta = false
        var isPacked = false
    }

    var forms: Forms { Forms(isDelta: accept == "delta", isPacked: encoding.map(Self.namesGzip) ?? false) }

    /// Finds all of them in one pass; of a repeated header the first counts.
    init(_ headers: HTTPHeaders) {
        for (name, value) in headers {
            // Lengths repeat; the first letter tells which it may be.
            switch (name.utf8.count, (name.utf8.first ?? 0) | 0x20) {
            case (13, UInt8(ascii: "a")) where authorization == nil && name.isASCIIEqual("authorization"):
                authorization = value
            case (13, UInt8(ascii: "c")) where have == nil && name.isASCIIEqual("consigne-have"): have = value
            case (13, UInt8(ascii: "i")) where tag == nil && name.isASCIIEqual("if-none-match"): tag = value
            case (15, UInt8(ascii: "c")) where accept == nil && name.isASCIIEqual("consigne-accept"): accept = value
            case (15, UInt8(ascii: "a")) where encoding == nil && name.isASCIIEqual("accept-encoding"): encoding = value
            case (6, UInt8(ascii: "p")) where prefer == nil && name.isASCIIEqual("prefer"): prefer = value
            default: break
            }
        }
    }

    /// Whether a list of codings (RFC 9110, section 12.5.3) has gzip, and not with the weight 0.
    private static func namesGzip(_ list: String) -> Bool {
        if list == "gzip" { return true }
        return list.split(separator: ",").contains { item in
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard parts.first == "gzip" || parts.first == "x-gzip" else { return false }
            return !parts.dropFirst().contains {
                $0.hasPrefix("q=0") && !$0.dropFirst(3).contains { ("1"..."9").contains($0) }
            }
        }
    }
}

extension String {
    /// Equal but for the case of ASCII letters; `other` is in lower case and equally long.
    fileprivate func isASCIIEqual(_ other: StaticString) -> Bool {
        // NIO's strings are native ones, whose bytes lie in one piece.
        utf8.withContiguousStorageIfAvailable(other.isPrefix) ?? (lowercased() == other.description)
    }
}
