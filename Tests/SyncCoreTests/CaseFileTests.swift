import SyncCore
import SyncProtocol
import Testing
import TestSupport

/// The cases and stacks with known results, taken from Apple's, AOSP's and AMAPI's rules.
@Suite(.enabled(if: Repository.hasData, Comment(rawValue: Repository.skipReason)))
struct CaseFileTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog.embedded() }

    private static func read(_ name: String) throws -> JSONValue {
        try JSONReader.read(try Repository.dataFile(name))
    }

    @Test func `every conflict case gives the expected value`() throws {
        let cases = try Self.read("conflict-cases.json")["cases"]?.array ?? []
        #expect(cases.count >= 94)
        for entry in cases {
            switch entry["kind"]?.string {
            case "value": try checkValue(entry)
            case "document": try checkDocument(entry)
            case "sequence": try checkSequence(entry)
            default: Issue.record("unknown kind in \(entry["id"] ?? .null)")
            }
        }
    }

    @Test func `every enforced case gives the expected value`() throws {
        let cases = try Self.read("enforced-cases.json")["cases"]?.array ?? []
        #expect(cases.count >= 6)
        for entry in cases { try checkDocument(entry) }
    }

    @Test func `every stack of real policies resolves as expected`() throws {
        let stacks = try Self.read("policy-stacks.json")["stacks"]?.array ?? []
        #expect(stacks.count >= 12)
        for entry in stacks {
            let stack = try StackFile(entry, catalog: catalog) { try Self.read("policies/\($0).json") }
            let resolution = Resolver.resolve(stack.layers, catalog: catalog)
            #expect(resolution.json == entry["expected"], "\(entry["id"] ?? .null)")
            let shuffled = Resolver.resolve(stack.layers.reversed(), catalog: catalog)
            #expect(shuffled == resolution)
        }
    }

    @Test func `every real AMAPI policy can be read`() throws {
        let documents = try Self.read("policies/index.json")["documents"]?.array ?? []
        let bodies = documents.filter { $0["format"] == .string("amapi") }
        #expect(bodies.count >= 31)
        for entry in bodies {
            let json = try Self.read("policies/\(entry["file"]?.string ?? "")")
            let reading = try PolicyReader.read(json, catalog: catalog)
            #expect(!reading.body.values.isEmpty)
            #expect(reading.notes.count == (entry["deprecated_migrated"]?.array?.count ?? 0))
        }
    }

    private func checkValue(_ entry: JSONValue) throws {
        let id = entry["id"]?.string ?? ""
        let layers = entry["layers"]?.array ?? []
        if let value = ForeignStrategy.value(entry["strategy"] ?? .null, layers) {
            #expect(value == entry["expected"]?["value"], "\(id)")
            return
        }
        let (catalog, key) = try catalog(for: entry)
        let stack = layers.map { layer -> JSONValue in
            var members = layer.object ?? [:]
            let value = members.removeValue(forKey: "value")
            members["values"] = .object(value.map { [key: $0] } ?? [:])
            return .object(members)
        }
        for order in entry["order_independent"] == .bool(true) ? [stack, stack.reversed()] : [stack] {
            let resolution = try resolve(order, catalog)
            #expect(resolution.settings[key]?.value == entry["expected"]?["value"], "\(id)")
            if let from = entry["expected"]?["from"] { #expect(resolution.json[key]?["from"] == from, "\(id)") }
        }
    }

    private func checkDocument(_ entry: JSONValue) throws {
        let resolution = try resolve(entry["layers"]?.array ?? [], catalog)
        #expect(resolution.document == entry["expected"], "\(entry["id"] ?? .null)")
        for (key, from) in entry["expected_from"]?.object ?? [:] {
            #expect(resolution.json[key]?["from"] == from, "\(entry["id"] ?? .null)")
        }
    }

    private func checkSequence(_ entry: JSONValue) throws {
        let (catalog, key) = try catalog(for: entry)
        var layers: [String: JSONValue] = [:]
        var before: JSONValue?
        for step in entry["ops"]?.array ?? [] {
            let name = step["layer"]?.string ?? ""
            layers[name] = step["set"].map { value in
                .object([
                    "layer": .string(name), "priority": step["priority"] ?? .null, "seq": step["seq"] ?? .null,
                    "values": .object([key: value]),
                ])
            }
            let value = try resolve(Array(layers.values), catalog).settings[key]?.value
            #expect(value == step["after"]?["value"], "\(entry["id"] ?? .null) at \(step["seq"] ?? .null)")
            if step["changed"] == .bool(false) { #expect(value == before) }
            before = value
        }
    }

    private func resolve(_ layers: [JSONValue], _ catalog: Catalog) throws -> Resolution {
        let stack = try StackFile(.object(["layers": .array(layers)]), catalog: catalog) {
            (_: String) throws -> JSONValue in
            .null
        }
        return Resolver.resolve(stack.layers, catalog: catalog)
    }

    /// The catalog for a case: our own where it has the key, else one made of the case's type and strategy.
    private func catalog(for entry: JSONValue) throws -> (Catalog, String) {
        let key = (entry["key"]?.string ?? "").split(separator: " ").joined(separator: "_")
        if catalog.settings[key] != nil { return (catalog, key) }
        let setting = JSONValue.object([
            "key": .string(key), "type": entry["type"] ?? .string("opaque"), "resolution": entry["strategy"] ?? .null,
            "default": .null, "writable_by": .array([.string("operator")]),
        ])
        let file = JSONValue.object(["settings": .array([setting])])
        return (try CatalogReader.read(CanonicalWriter.bytes(of: file)), key)
    }
}

/// Strategies of other systems, which the cases state for contrast and the product does not have.
private enum ForeignStrategy {
    static func value(_ strategy: JSONValue, _ layers: [JSONValue]) -> JSONValue? {
        let values = layers.compactMap { $0["value"] }
        switch strategy["strategy"]?.string {
        case "first-processed": return values.first
        case "array-append": return .array(values.flatMap { $0.array ?? [] })
        case "flag-union": return .integer(values.compactMap(\.integer).reduce(0, |))
        default: return nil
        }
    }
}
