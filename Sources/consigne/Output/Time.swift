import Foundation
import SyncCore

/// Times as people read them.
enum Time {
    /// Milliseconds since 1970 in UTC, to the second.
    static func text(of value: JSONValue?) -> String {
        guard let milliseconds = value?.integer else { return "-" }
        return Date(timeIntervalSince1970: Double(milliseconds / 1_000)).formatted(.iso8601)
    }
}
