import SyncCore

/// What several processes that played one fleet found together.
public struct JointReport: Sendable {
    private let reports: [JSONValue]

    init(_ reports: [JSONValue]) { self.reports = reports }

    private func sum(_ name: String) -> Int64 { reports.reduce(0) { $0 + ($1[name]?.integer ?? 0) } }

    private var findings: [JSONValue] { reports.flatMap { $0["findings"]?.array ?? [] } }

    public var hasFailed: Bool { !findings.isEmpty }

    /// The reports of all processes beside what they come to.
    public var json: JSONValue {
        .object([
            "scenario": reports.first?["scenario"] ?? .null, "seed": reports.first?["seed"] ?? .null,
            "handsets": .integer(sum("handsets")), "connections": .integer(sum("connections")),
            "failed": .bool(hasFailed), "findings": .array(findings), "parts": .array(parts.map(\.json)),
            "processes": .array(reports),
        ])
    }

    public var text: String {
        let name = reports.first?["scenario"]?.string ?? ""
        var lines = [
            "\(name): \(sum("handsets")) handsets on \(sum("connections")) connections of \(reports.count) processes, "
                + "seed \(reports.first?["seed"]?.integer ?? 0)"
        ]
        for part in parts { lines += part.lines }
        if hasFailed {
            lines.append("oracle: FAILED")
            lines += findings.prefix(RunReport.findingsListed).compactMap { $0.string.map { "  \($0)" } }
        } else {
            lines.append("oracle: every handset holds what it must")
        }
        return lines.joined(separator: "\n")
    }

    private var parts: [Part] {
        let names = reports.first?["parts"]?.array?.compactMap { $0["name"]?.string } ?? []
        return names.enumerated().map { index, name in
            Part(name: name, all: reports.compactMap { $0["parts"]?.array?[index] })
        }
    }

    /// One part of the scenario, as all processes saw it: it took as long as the slowest says.
    private struct Part {
        let name: String
        let all: [JSONValue]

        private func most(_ read: (JSONValue) -> Int64?) -> Int64 { all.compactMap(read).max() ?? 0 }

        private var milliseconds: Int64 { most { $0["milliseconds"]?.integer } }
        private var handsets: Int64 { all.reduce(0) { $0 + ($1["handsets"]?.integer ?? 0) } }
        private var requests: Int64 { all.reduce(0) { $0 + ($1["measures"]?["requests"]?.integer ?? 0) } }

        /// Milliseconds until each process had a share of its handsets there, the slowest one's, by percent.
        private var convergence: [(percent: String, milliseconds: Int64)] {
            ["50", "99", "100"].compactMap { percent in
                let times = all.compactMap { $0["convergenceMilliseconds"]?[percent]?.integer }
                return times.max().map { (percent, $0) }
            }
        }

        /// What several processes say alike is said once.
        private var notes: [String] {
            Set(all.flatMap { $0["notes"]?.array ?? [] }.compactMap(\.string)).sorted()
        }

        var json: JSONValue {
            .object([
                "name": .string(name), "milliseconds": .integer(milliseconds), "handsets": .integer(handsets),
                "requests": .integer(requests), "notes": .array(notes.map(JSONValue.string)),
                "convergenceMilliseconds": .object(
                    Dictionary(uniqueKeysWithValues: convergence.map { ($0.percent, .integer($0.milliseconds)) })),
            ])
        }

        var lines: [String] {
            let rate = milliseconds == 0 ? 0 : requests * 1_000 / milliseconds
            var lines = ["\n\(name): \(milliseconds) ms in the slowest process, \(requests) requests, \(rate)/s"]
            if !convergence.isEmpty {
                let times = convergence.map { "\($0.percent) % of each process after \($0.milliseconds) ms" }
                lines.append("  \(handsets) handsets hold the push: \(times.joined(separator: ", "))")
            }
            return lines + notes.map { "  \($0)" }
        }
    }
}
