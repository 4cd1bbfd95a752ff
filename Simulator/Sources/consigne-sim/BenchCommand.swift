import ArgumentParser
import FleetSimulator
import Foundation

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure the shipped server against a ceiling in the same run.",
        discussion: """
            Starts consigned and a bare SwiftNIO server as processes, gives both the same load, reads their processor \
            time from outside. Build with -c release. The exit code says whether the figures could be taken, not \
            whether a target was met.
            """)

    @Flag(help: "Fewer rows and rounds: under 50 seconds.") var quick = false
    @Option(
        help: ArgumentHelp(
            "Only these rows: \(Bench.Group.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "group"))
    var only: [Bench.Group] = []
    @Option(
        help: ArgumentHelp(
            "Hold fleet-memory, writer-stall and wake-one against the consigned in this folder.", valueName: "folder"))
    var against: String?
    @Option(help: ArgumentHelp("Write the rows as JSON.", valueName: "file")) var report: String?
    @Option(help: ArgumentHelp("Write a page with the rows and charts.", valueName: "file")) var html: String?

    func run() async throws {
        let other = against.map { URL(fileURLWithPath: $0, isDirectory: true) }
        let found = try await Bench(isQuick: quick, binaries: ConsigneSim.folder, against: other) { line in
            FileHandle.standardError.write(Data("\(line)\n".utf8))
        }.run(only.isEmpty ? Set(Bench.Group.allCases) : Set(only))
        for row in found.rows { print(row.text) }
        let result = BenchReport(
            machine: .current(), date: Date().formatted(.iso8601), isQuick: quick, rows: found.rows,
            charts: found.charts)
        if let report { try Data(result.json.utf8).write(to: URL(fileURLWithPath: report)) }
        if let html { try Data(HTMLReport.text(of: result).utf8).write(to: URL(fileURLWithPath: html)) }
    }
}

extension Bench.Group: ExpressibleByArgument {}
