/// A duration as protobuf's JSON writes it: a decimal number of seconds with at most nine places, then `s`.
///
/// Compared as time: as text, `"31536000s"` would stand before `"7776000s"`.
public struct Seconds: Hashable, Comparable, Sendable {
    public let whole: Int64
    public let nanoseconds: Int64

    /// Nil unless the text is a duration from 0 to 10,000 years (protobuf's bound).
    public init?(_ text: String) {
        guard text.last == "s" else { return nil }
        let parts = text.dropLast().split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, Self.areDigits(first), let whole = Int64(first), whole <= 315_576_000_000 else {
            return nil
        }
        self.whole = whole
        guard parts.count == 2 else {
            nanoseconds = 0
            return
        }
        guard Self.areDigits(parts[1]), parts[1].utf8.count <= 9 else { return nil }
        let padded = parts[1] + String(repeating: "0", count: 9 - parts[1].utf8.count)
        guard let nanoseconds = Int64(padded) else { return nil }
        self.nanoseconds = nanoseconds
    }

    public init(milliseconds: Int64) {
        whole = milliseconds / 1_000
        nanoseconds = milliseconds % 1_000 * 1_000_000
    }

    private static func areDigits(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }

    public static func < (left: Seconds, right: Seconds) -> Bool {
        (left.whole, left.nanoseconds) < (right.whole, right.nanoseconds)
    }
}

extension Seconds: CustomStringConvertible {
    /// The shortest text that means the same: no trailing zeros.
    public var description: String {
        guard nanoseconds > 0 else { return "\(whole)s" }
        let digits = String(nanoseconds)
        let padded = String(repeating: "0", count: 9 - digits.utf8.count) + digits
        var places = padded[...]
        while places.last == "0" { places.removeLast() }
        return "\(whole).\(places)s"
    }
}
