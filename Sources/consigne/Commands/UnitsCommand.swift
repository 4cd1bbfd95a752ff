import ArgumentParser
import Foundation
import SyncCore

struct UnitsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "units", abstract: "The tree of org units.",
        subcommands: [List.self, Create.self, Import.self], defaultSubcommand: List.self)

    struct List: Command {
        static let configuration = CommandConfiguration(abstract: "List units.")

        @Option(help: "Only this unit and those below it.") var under: OrgPath?
        @OptionGroup var connection: Connection

        func perform() async throws {
            try await connection.show("/v1/units", [("under", under?.text)]) { json in
                Table(headings: ["UNIT"], rows: (json["units"]?.array ?? []).map { [Cell.text(of: $0)] })
            }
        }
    }

    struct Create: Command {
        static let configuration = CommandConfiguration(abstract: "Create units, each below one that exists.")

        @Argument var paths: [OrgPath]
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            try await connection.change(paths.map(Edit.createUnit), change) { _ in "\(paths.count) units created" }
        }
    }

    struct Import: Command {
        static let configuration = CommandConfiguration(
            abstract: "Create the units of a file that do not exist yet: one path a line, in any order.")

        @Argument(help: "The file, or - for standard input.") var file: String
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            let wanted = try paths()
            let answer = try await connection.asking { client throws(OperatorClientFailure) in
                try await client.get("/v1/units")
            }
            let known = Set((answer["units"]?.array ?? []).compactMap { $0.string.flatMap { OrgPath($0) } })
            let missing = wanted.subtracting(known).sorted { ($0.depth, $0) < ($1.depth, $1) }
            guard !missing.isEmpty else { return connection.reportNothing() }
            try await connection.change(missing.map(Edit.createUnit), change) { _ in
                "\(missing.count) units created"
            }
        }

        /// The paths of the file and those above them.
        private func paths() throws -> Set<OrgPath> {
            var paths: Set<OrgPath> = []
            var problems: [String] = []
            for (number, line) in try TextFile(file).lines {
                let word = line.trimmingCharacters(in: .whitespaces)
                if word.isEmpty || word.hasPrefix("#") { continue }
                if let path = OrgPath(word) {
                    paths.formUnion(path.selfAndAncestors)
                } else {
                    problems.append(
                        "\(file):\(number): found \"\(Cell.text(of: .string(word)))\", expected \(OrgPath.expected)")
                }
            }
            guard problems.isEmpty else { throw Failure(.dataRefused, problems.joined(separator: "\n")) }
            return paths
        }
    }
}
