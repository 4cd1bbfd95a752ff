import Histogram
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
    var bytesSent = 0
    var bytesReceived = 0

    var requests: Int { latencies.values.reduce(0) { $0 + Int($1.totalCount) } }

    mutating func record(_ kind: Kind, microseconds: UInt64) {
        _ = latencies[kind, default: Self.emptyHistogram()].record(min(microseconds, 60_000_000))
    }

    mutating func fail(_ kind: String) { errors[kind, default: 0] += 1 }

    mutating func add(_ other: Measures) {
        for (kind, histogram) in other.latencies { latencies[kind, default: Self.emptyHistogram()].add(histogram) }
        errors.merge(other.errors) { $0 + $1 }
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
