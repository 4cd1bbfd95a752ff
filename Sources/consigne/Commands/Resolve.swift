import ArgumentParser
import SyncCore
import SyncProtocol

/// Resolves a stack of layers offline, by the same rules as the server.
struct Resolve: Command {
    static let configuration = CommandConfiguration(
        abstract: "Resolve a stack of layers without a server.",
        discussion: """
            The stack is a JSON file: {"layers": [{"layer": "agency", "priority": 20, "document": "NAME"}, ...]}. A \
            document is DIR/NAME.json; instead of it a layer may carry "values" and "enforced". Prints each setting's \
            value, strategy and the layers it comes from. A result that breaks a constraint is printed without its \
            destructive side, the layers that make it are named, and the exit code is 65.
            """)

    @Option(help: ArgumentHelp("The stack's file, or - for standard input.", valueName: "file"))
    var stack: String

    @Option(help: ArgumentHelp("The directory of the documents that the layers name.", valueName: "dir"))
    var policies: String?

    @Option(help: "What to print: JSON, or a table for people.")
    var output = OutputOptions.Format.json

    @Option(help: ArgumentHelp("Another settings catalog than the built-in one.", valueName: "file"))
    var catalog: String?

    func perform() async throws {
        let catalog = try readCatalog()
        let stack = try readStack(catalog)
        for note in stack.notes { Terminal.complain("note: \(note)") }
        let resolution = Resolver.resolve(stack.layers, catalog: catalog)
        switch output {
        case .json: Terminal.say(resolution.json)
        case .table: Terminal.say(Self.table(resolution).text)
        }
        let broken = resolution.violations
        guard broken.isEmpty else {
            throw Failure(.dataRefused, broken.map(describe).joined(separator: "\n"))
        }
    }

    private static func table(_ resolution: Resolution) -> Table {
        Table(
            headings: ["SETTING", "VALUE", "STRATEGY", "FROM"],
            rows: resolution.settings.sorted { $0.key < $1.key }.map { key, setting in
                [
                    key, ValueText.summary(setting.value), setting.decision.strategy,
                    setting.decision.from.map { $0.name.printable() }.joined(separator: " "),
                ]
            })
    }

    private func readCatalog() throws -> Catalog {
        do {
            guard let catalog else { return try Catalog.embedded() }
            return try CatalogReader.read(try Files.bytes(of: catalog))
        } catch let error as CatalogError {
            throw Failure(.dataRefused, "\(error)")
        }
    }

    private func readStack(_ catalog: Catalog) throws -> StackFile {
        do {
            return try StackFile(try Files.json(stack), catalog: catalog) { name in
                guard let policies else {
                    throw Failure(.dataRefused, "\(stack): a layer names document \(name); --policies must say where")
                }
                guard !name.isEmpty, !name.contains("/"), !name.hasPrefix(".") else {
                    throw Failure(.dataRefused, "\(stack): document \(name): expected a file's name without a path")
                }
                return try Files.json("\(policies)/\(name).json")
            }
        } catch let failure as StackFile.Failure {
            throw Failure(.dataRefused, "\(stack): \(failure)")
        }
    }

    private func describe(_ key: String, _ violation: ConstraintViolation) -> String {
        let layers = violation.contributors.map(\.name).joined(separator: ", ")
        let record = CanonicalWriter.text(of: violation.record)
        return "\(key): constraint-broken: record \(record) breaks \(violation.constraint); made by \(layers)"
    }
}
