import SyncCore

/// What stands in a header, read where it is needed.
extension RequestHeaders {
    /// The cursor inside `W/"..."`; nil, as for none, when it is not one of ours.
    static func cursor(_ header: String) -> Cursor? {
        var header = header
        return header.withUTF8 { bytes in
            guard bytes.count > 4, bytes[0] == UInt8(ascii: "W"), bytes[1] == UInt8(ascii: "/"),
                bytes[2] == UInt8(ascii: "\""), bytes[bytes.count - 1] == UInt8(ascii: "\"")
            else { return nil }
            return Cursor(utf8: UnsafeBufferPointer(rebasing: bytes[3..<(bytes.count - 1)]))
        }
    }

    /// Seconds of `Prefer: wait=N` (RFC 7240, section 4.3); nil for none.
    static func wait(_ header: String?) -> Int? {
        guard let header else { return nil }
        for preference in header.lowercased().split(separator: ",") {
            // What follows a semicolon are parameters; a wait has none that matter.
            let words = preference.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
                .map { $0.filter { $0 != " " && $0 != "\"" } }
            guard words.count == 2, words[0] == "wait", !words[1].isEmpty,
                words[1].allSatisfy({ ("0"..."9").contains($0) })
            else { continue }
            // What no number can hold is longer than any wait.
            let seconds = Int(words[1]) ?? .max
            return seconds > 0 ? seconds : nil
        }
        return nil
    }
}
