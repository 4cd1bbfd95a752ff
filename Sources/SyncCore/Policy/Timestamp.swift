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

    /// Milliseconds since 1970, cut to the millisecond; nil for a day or hour that does not exist.
    ///
    /// Days are counted as in Howard Hinnant's "chrono-compatible low-level date algorithms".
    public var milliseconds: Int64? {
        let numbers = seconds.split { !$0.isNumber }.compactMap { Int64($0) }
        guard numbers.count == 6, (1...12).contains(numbers[1]), (1...31).contains(numbers[2]),
            numbers[3] < 24, numbers[4] < 60, numbers[5] < 60
        else { return nil }
        let (month, day) = (numbers[1], numbers[2])
        let year = numbers[0] - (month <= 2 ? 1 : 0)
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        let places = Int64((fraction + "000").prefix(3)) ?? 0
        return ((days * 24 + numbers[3]) * 60 + numbers[4]) * 60_000 + numbers[5] * 1_000 + places
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.fraction) < (right.seconds, right.fraction)
    }
}
