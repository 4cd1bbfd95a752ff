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

        init(
            name: String, unit: String, ours: Double, ceiling: Double, target: Double, direction: Direction
        ) {
            self.name = name
            self.unit = unit
            self.ours = ours
            self.ceiling = ceiling
            self.target = target
            self.direction = direction
        }

        /// Of rounds taken in pairs: the ratio of each pair holds when the machine's speed drifts, the medians are for
        /// the eye.
        init(
            name: String, unit: String, pairs ours: [Double], _ ceilings: [Double], target: Double,
            direction: Direction
        ) {
            let ceiling = Bench.median(ceilings)
            let ratio = Bench.median(zip(ours, ceilings).map { $0 / $1 })
            self.init(
                name: name, unit: unit, ours: ratio * ceiling, ceiling: ceiling, target: target, direction: direction)
        }

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

        static func short(_ value: Double) -> String { String((value * 1_000).rounded() / 1_000) }
    }

    let isQuick: Bool
    let binaries: URL
    /// Another build's folder; rows that compare builds are held against it.
    let other: URL?
    let say: @Sendable (String) -> Void

    /// - Parameters:
    ///   - binaries: the folder with `consigned` and `consigne-sim`.
    ///   - other: the folder with the `consigned` of another build, to be held against this one.
    public init(isQuick: Bool, binaries: URL, against other: URL? = nil, say: @escaping @Sendable (String) -> Void) {
        self.isQuick = isQuick
        self.binaries = binaries
        self.other = other
        self.say = say
    }

    /// Rows that are taken together.
    public enum Group: String, CaseIterable, Sendable {
        case handsets
        case checkIns = "check-ins"
        case reports
        case parked
        case acknowledgement
        case fleets
        case classes
        case memory
        case stall
        case wakeOne = "wake-one"
    }

    /// Takes all rows, or those of some groups; with `isQuick` only what fits in under a minute.
    public func run(_ groups: Set<Group> = Set(Group.allCases)) async throws -> (rows: [Row], charts: [Chart]) {
        guard !isQuick else { return (try await checkIns() + [try await pushAcknowledgement()], []) }
        var (rows, charts): ([Row], [Chart]) = ([], [])
        if groups.contains(.handsets) { rows += try handsets() }
        if groups.contains(.checkIns) {
            rows += try await checkIns()
        } else if groups.contains(.reports) {
            rows.append(try await reports())
        }
        if groups.contains(.acknowledgement) { rows.append(try await pushAcknowledgement()) }
        if groups.contains(.fleets) {
            let fleets = try await fleets()
            rows += fleets.rows
            charts += fleets.charts
        }
        if groups.contains(.parked) {
            let parked = try await parked()
            rows += parked.rows
            charts += parked.charts
        }
        if groups.contains(.classes) { rows.append(try await classes()) }
        if groups.contains(.memory) { rows.append(try await fleetMemory()) }
        if groups.contains(.stall) { rows.append(try await writerStall()) }
        if groups.contains(.wakeOne) { rows.append(try await wakeOne()) }
        return (rows, charts)
    }

    /// The rows as the report's JSON.
    public static func json(_ rows: [Row]) -> String {
        "{\"results\":[\(rows.map(\.json).joined(separator: ","))]}\n"
    }

    /// Milliseconds since 1970.
    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

    /// Seconds of a clock that never goes back.
    static func clock() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
