import Foundation
import SyncCore

/// Times as people read them.
enum Time {
    /// Milliseconds since 1970 in UTC, to the second.
    static func text(of value: JSONValue?) -> String {
        guard let milliseconds = value?.integer else { return "-" }
        return Date(timeIntervalSince1970: Double(milliseconds / 1_000)).formatted(.iso8601)
    }

    /// A length of time in its largest whole unit: 7 d, 12 h.
    static func span(seconds: Int64) -> String {
        for (unit, length) in [("d", Int64(86_400)), ("h", 3_600), ("min", 60)] where seconds % length == 0 {
            return "\(seconds / length) \(unit)"
        }
        return "\(seconds) s"
    }
}
