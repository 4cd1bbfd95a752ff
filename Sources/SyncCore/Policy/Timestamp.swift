/// A time as RFC 3339 writes it in UTC (`2026-11-23T08:00:00.5Z`), comparable without a calendar.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// `YYYY-MM-DDTHH:MM:SS`.
    private let seconds: String
    /// The decimal places, without trailing zeros.
    private let fraction: String

    public init?(_ text: String) {
        let utf8 = Array(text.utf8)
        guard utf8.count >= 20, utf8.last == UInt8(ascii: "Z") else { return nil }
        let pattern = Array("0000-00-00T00:00:00".utf8)
        for (byte, form) in zip(utf8, pattern) {
            let fits = form == UInt8(ascii: "0") ? (0x30...0x39).contains(byte) : byte == form
            guard fits else { return nil }
        }
        seconds = String(decoding: utf8[..<19], as: UTF8.self)
        var places = utf8[19..<(utf8.count - 1)]
        if let dot = places.first {
            places.removeFirst()
            guard dot == UInt8(ascii: "."), !places.isEmpty, places.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
        }
        while places.last == UInt8(ascii: "0") { places.removeLast() }
        fraction = String(decoding: places, as: UTF8.self)
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.fraction) < (right.seconds, right.fraction)
    }
}
