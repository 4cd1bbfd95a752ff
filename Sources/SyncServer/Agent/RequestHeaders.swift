import NIOHTTP1

/// The headers that decide about a request, as they came.
struct RequestHeaders: Equatable {
    /// Those of which there may be one: who takes the first and who takes the last would see two requests.
    enum Single: String { case host = "Host", authorization = "Authorization", have = "Consigne-Have" }

    var authorization: String?
    var have: String?
    var tag: String?
    var prefer: String?
    /// What it takes beside whole documents.
    var accept: String?
    var encoding: String?
    private(set) var host: String?
    /// Bytes of a body, as they were announced.
    private(set) var length: Int?
    private(set) var transferCoding: String?
    private(set) var expect: String?
    private(set) var asksForUpgrade = false
    /// The addresses that proxies added.
    private(set) var forwarded: [String] = []
    /// One that stands twice.
    private(set) var repeated: Single?

    /// The forms that an answer may have.
    struct Forms {
        var isDelta = false
        var isPacked = false
    }

    var forms: Forms { Forms(isDelta: accept == "delta", isPacked: encoding.map(Self.namesGzip) ?? false) }

    /// Whether a body follows the head.
    var announcesBody: Bool { transferCoding != nil || length ?? 0 > 0 }

    /// Whether the client waits with its body until it is told to go on (RFC 9110, section 10.1.1).
    var waitsToContinue: Bool { announcesBody && expect?.lowercased() == "100-continue" }

    /// Finds all of them in one pass. Fields that are lists may come in pieces (RFC 9110, section 5.3).
    init(_ headers: HTTPHeaders) {
        for (name, value) in headers {
            // Lengths repeat; the first letter tells which it may be.
            switch (name.utf8.count, (name.utf8.first ?? 0) | 0x20) {
            case (4, UInt8(ascii: "h")) where name.isASCIIEqual("host"): if Self.put(&host, value) { repeated = .host }
            case (13, UInt8(ascii: "a")) where name.isASCIIEqual("authorization"):
                if Self.put(&authorization, value) { repeated = .authorization }
            case (13, UInt8(ascii: "c")) where name.isASCIIEqual("consigne-have"):
                if Self.put(&have, value) { repeated = .have }
            case (13, UInt8(ascii: "i")) where name.isASCIIEqual("if-none-match"): Self.join(&tag, value)
            case (15, UInt8(ascii: "c")) where name.isASCIIEqual("consigne-accept"): Self.join(&accept, value)
            case (15, UInt8(ascii: "a")) where name.isASCIIEqual("accept-encoding"): Self.join(&encoding, value)
            case (15, UInt8(ascii: "x")) where name.isASCIIEqual("x-forwarded-for"): forwarded.append(value)
            case (6, UInt8(ascii: "p")) where name.isASCIIEqual("prefer"): Self.join(&prefer, value)
            case (6, UInt8(ascii: "e")) where name.isASCIIEqual("expect"): Self.join(&expect, value)
            case (7, UInt8(ascii: "u")) where name.isASCIIEqual("upgrade"): asksForUpgrade = true
            // The decoder takes digits only, and one of them.
            case (14, UInt8(ascii: "c")) where name.isASCIIEqual("content-length"): length = Int(value) ?? .max
            case (17, UInt8(ascii: "t")) where name.isASCIIEqual("transfer-encoding"): Self.join(&transferCoding, value)
            default: break
            }
        }
    }

    /// - Returns: whether it stood there before.
    private static func put(_ field: inout String?, _ value: String) -> Bool {
        let isSecond = field != nil
        field = value
        return isSecond
    }

    private static func join(_ field: inout String?, _ value: String) {
        field = field.map { $0 + ", " + value } ?? value
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
