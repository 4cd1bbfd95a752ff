import SyncCore

/// What a run found, for people and for machines.
public struct RunReport: Sendable {
    /// One phase of a scenario.
    struct Part: Sendable {
        var name: String
        var nanoseconds: UInt64
        let measures: Measures
        /// Nanoseconds until a share of the handsets concerned was there, by percent.
        var convergence: [(percent: Int, nanoseconds: UInt64)] = []
        var handsets: Int
        /// More lines for people, and what they say for machines.
        var notes: [String] = []
        var figures: [String: JSONValue] = [:]
    }

    let scenario: String
    let seed: UInt64
    let handsets: Int
    let connections: Int
    var parts: [Part] = []
    /// Handsets that do not hold what the oracle says, or broke a rule of the protocol.
    public internal(set) var findings: [String] = []

    static let findingsListed = 20

    public var hasFailed: Bool { !findings.isEmpty }

    public var json: JSONValue {
        .object([
            "scenario": .string(scenario), "seed": .integer(Int64(seed)), "handsets": .integer(Int64(handsets)),
            "connections": .integer(Int64(connections)), "failed": .bool(hasFailed),
            "findings": .array(findings.map(JSONValue.string)), "parts": .array(parts.map(\.json)),
        ])
    }

    public var text: String {
        var lines = ["\(scenario): \(handsets) handsets on \(connections) connections, seed \(seed)"]
        for part in parts { lines += part.lines }
        if findings.isEmpty {
            lines.append("oracle: every handset holds what it must")
        } else {
            lines.append("oracle: FAILED")
            lines += findings.prefix(Self.findingsListed).map { "  \($0)" }
            if findings.count > Self.findingsListed {
                lines.append("  and \(findings.count - Self.findingsListed) more")
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension RunReport.Part {
    var requestsPerSecond: Int {
        nanoseconds == 0 ? 0 : Int(Double(measures.requests) * 1e9 / Double(nanoseconds))
    }

    fileprivate var json: JSONValue {
        .object([
            "name": .string(name), "milliseconds": .integer(Int64(nanoseconds / 1_000_000)),
            "requestsPerSecond": .integer(Int64(requestsPerSecond)), "handsets": .integer(Int64(handsets)),
            "measures": measures.json, "figures": .object(figures), "notes": .array(notes.map(JSONValue.string)),
            "convergenceMilliseconds": .object(
                Dictionary(
                    uniqueKeysWithValues: convergence.map {
                        (String($0.percent), .integer(Int64($0.nanoseconds / 1_000_000)))
                    })),
        ])
    }

    fileprivate var lines: [String] {
        var lines = [
            "\n\(name): \(Self.seconds(nanoseconds)), \(measures.requests) requests, \(requestsPerSecond)/s, "
                + "\(measures.bytesSent / 1_024) KiB sent, \(measures.bytesReceived / 1_024) KiB received"
        ]
        for kind in Measures.Kind.allCases {
            guard let histogram = measures.latencies[kind] else { continue }
            let values = [50.0, 90, 99, 99.9].map {
                "p\(Self.short($0)) \(Self.milliseconds(histogram.valueAtPercentile($0)))"
            }
            lines.append(
                "  \(kind.rawValue.padded(10)) \(String(histogram.totalCount).padded(9)) \(values.joined(separator: "  "))"
                    + "  max \(Self.milliseconds(histogram.max))")
        }
        if !convergence.isEmpty {
            let values = convergence.map { "\($0.percent) % after \(Self.seconds($0.nanoseconds))" }
            lines.append("  \(handsets) handsets hold the push: \(values.joined(separator: ", "))")
        }
        lines += notes.map { "  \($0)" }
        for (kind, count) in measures.errors.sorted(by: { $0.key < $1.key }) {
            lines.append("  error: \(kind): \(count)")
        }
        return lines
    }

    private static func short(_ percentile: Double) -> String {
        percentile == percentile.rounded() ? String(Int(percentile)) : String(percentile)
    }

    private static func milliseconds(_ microseconds: UInt64) -> String {
        let hundredths = (microseconds + 5) / 10
        return "\(hundredths / 100).\(String(hundredths % 100 + 100).dropFirst()) ms"
    }

    private static func seconds(_ nanoseconds: UInt64) -> String {
        let milliseconds = nanoseconds / 1_000_000
        return "\(milliseconds / 1_000).\(String(milliseconds % 1_000 + 1_000).dropFirst()) s"
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
