import Foundation
import NIOCore
import SyncClient
import SyncCore
import SyncProtocol

/// Measures the shipped server against a ceiling taken in the same run, so that a noisy machine is noisy for both.
public struct Bench: Sendable {
    /// One figure and what it is held against.
    public struct Row: Sendable {
        public enum Direction: String, Sendable {
            case atLeast = "at-least"
            case atMost = "at-most"
        }

        let name: String
        let unit: String
        let ours: Double
        let ceiling: Double
        let target: Double
        let direction: Direction

        var ratio: Double { ceiling == 0 ? 0 : ours / ceiling }
        var isMet: Bool { direction == .atLeast ? ratio >= target : ratio <= target }

        public var text: String {
            "\(name): \(Self.short(ours)) of \(Self.short(ceiling)) \(unit), ratio \(Self.short(ratio)), "
                + "target \(direction.rawValue) \(target): \(isMet ? "met" : "NOT met")"
        }

        var json: String {
            "{\"name\":\"\(name)\",\"unit\":\"\(unit)\",\"ours\":\(Self.short(ours)),\"ceiling\":\(Self.short(ceiling)),"
                + "\"ratio\":\(Self.short(ratio)),\"target\":\(target),\"direction\":\"\(direction.rawValue)\"}"
        }

        private static func short(_ value: Double) -> String { String((value * 1_000).rounded() / 1_000) }
    }

    let isQuick: Bool
    let binaries: URL
    let say: @Sendable (String) -> Void

    /// - Parameter binaries: the folder with `consigned` and `consigne-sim`.
    public init(isQuick: Bool, binaries: URL, say: @escaping @Sendable (String) -> Void) {
        self.isQuick = isQuick
        self.binaries = binaries
        self.say = say
    }

    public func run() async throws -> [Row] {
        [try await idleCheckIn(), try await pushAcknowledgement()]
    }

    /// The rows as the report's JSON.
    public static func json(_ rows: [Row]) -> String {
        "{\"results\":[\(rows.map(\.json).joined(separator: ","))]}\n"
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
