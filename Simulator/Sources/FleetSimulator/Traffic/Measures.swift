import Foundation
import Histogram
import NIOCore
import SyncCore

/// What one event loop counted; loops are added up at the end.
struct Measures: Sendable {
    /// What a request was for.
    enum Kind: String, CaseIterable, Sendable {
        case enrol
        /// A check-in that found nothing new.
        case idle = "check-in"
        /// A check-in that brought a document.
        case download
        case report
        /// A check-in that was parked at the server.
        case parked
    }

    /// Microseconds; one minute at most.
    static func emptyHistogram() -> Histogram<UInt64> {
        Histogram(highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: .three)
    }

    private(set) var latencies: [Kind: Histogram<UInt64>] = [:]
    private(set) var errors: [String: Int] = [:]
    /// When counting began, and how many answers came in each tenth of a second since.
    private let start = NIODeadline.now()
    private(set) var perTenth: [Int] = []
    var bytesSent = 0
    var bytesReceived = 0

    var requests: Int { latencies.values.reduce(0) { $0 + Int($1.totalCount) } }

    mutating func record(_ kind: Kind, microseconds: UInt64) {
        _ = latencies[kind, default: Self.emptyHistogram()].record(min(microseconds, 60_000_000))
        let tenth = Int((NIODeadline.now() - start).nanoseconds / 100_000_000)
        // A quarter of an hour; beyond it nobody looks at tenths.
        guard tenth < 9_000 else { return }
        while perTenth.count <= tenth { perTenth.append(0) }
        perTenth[tenth] += 1
    }

    /// The share of answers, in percent, by milliseconds: steps of a tenth of a decade.
    var latencyShares: [(x: Double, y: Double)] {
        var all = Self.emptyHistogram()
        for histogram in latencies.values { all.add(histogram) }
        var counts: [Int: Double] = [:]
        for bucket in all.recordedValues() {
            let step = Int((log10(Double(max(1, bucket.value))) * 10).rounded(.down))
            counts[step, default: 0] += Double(bucket.count)
        }
        let total = max(1, Double(all.totalCount))
        return counts.sorted { $0.key < $1.key }.map {
            (x: pow(10, Double($0.key) / 10) / 1_000, y: $0.value / total * 100)
        }
    }

    mutating func fail(_ kind: String) { errors[kind, default: 0] += 1 }

    mutating func add(_ other: Measures) {
        for (kind, histogram) in other.latencies { latencies[kind, default: Self.emptyHistogram()].add(histogram) }
        errors.merge(other.errors) { $0 + $1 }
        for (tenth, count) in other.perTenth.enumerated() {
            if tenth < perTenth.count { perTenth[tenth] += count } else { perTenth.append(count) }
        }
        bytesSent += other.bytesSent
        bytesReceived += other.bytesReceived
    }

    var json: JSONValue {
        .object([
            "requests": .integer(Int64(requests)), "bytesSent": .integer(Int64(bytesSent)),
            "bytesReceived": .integer(Int64(bytesReceived)),
            "errors": .object(errors.mapValues { .integer(Int64($0)) }),
            "latencyMicroseconds": .object(
                Dictionary(uniqueKeysWithValues: latencies.map { ($0.rawValue, Self.json($1)) })),
        ])
    }

    private static func json(_ histogram: Histogram<UInt64>) -> JSONValue {
        func at(_ percentile: Double) -> JSONValue { .integer(Int64(histogram.valueAtPercentile(percentile))) }
        return .object([
            "count": .integer(Int64(histogram.totalCount)), "p50": at(50), "p90": at(90), "p99": at(99),
            "p999": at(99.9), "max": .integer(Int64(histogram.max)),
        ])
    }
}
