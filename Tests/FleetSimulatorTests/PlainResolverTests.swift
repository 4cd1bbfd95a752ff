import SyncCore
import SyncProtocol
import TestSupport
import Testing

@testable import FleetSimulator

/// Two resolvers, written apart from the same rules, must never differ.
@Suite struct PlainResolverTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog.embedded() }

    @Test func `the oracle's resolver and the product's agree`() throws {
        var generator = SeededGenerator(for: "the oracle's resolver and the product's agree")
        for round in 0..<400 {
            let layers = try (0..<Int.random(in: 0...5, using: &generator)).map { try layer($0, using: &generator) }
            let product = Resolver.resolve(layers, catalog: catalog).document
            let plain = PlainResolver(catalog: catalog, layers: layers.map(plain)).document()
            for key in Set(plain.keys).union(product.object?.keys.map { $0 } ?? []) {
                #expect(plain[key] == product[key], "round \(round), \(key)")
            }
        }
    }

    private func layer(_ index: Int, using generator: inout SeededGenerator) throws -> Layer {
        var values: [String: JSONValue] = [:]
        for key in catalog.settings.keys.sorted() where Int.random(in: 0...3, using: &generator) == 0 {
            guard let setting = catalog.settings[key], setting.mayStandInPolicy else { continue }
            let raw = JSONValue.object([key: RandomValue.of(setting.type, using: &generator)])
            let reading = try? PolicyReader.read(values: raw, enforced: .array([]), catalog: catalog)
            values[key] = reading?.body.values[key]
        }
        let priority = [10, 20, 30, 40, 50, 60, 100].randomElement(using: &generator) ?? 10
        // Positions are distinct, as those of a log are: ties are broken by name, which the oracle does not know.
        var entries: [String: Layer.Entry] = [:]
        for (offset, key) in values.keys.sorted().enumerated() {
            guard let value = values[key] else { continue }
            entries[key] = Layer.Entry(
                value: value, seq: UInt64(offset * 8 + (index * 5 + 3) % 8 + 1),
                isEnforced: Int.random(in: 0...4, using: &generator) == 0)
        }
        return Layer(
            contributor: Contributor(
                name: "p\(index)", priority: priority, depth: .random(in: 0...3, using: &generator)),
            entries: entries)
    }

    private func plain(_ layer: Layer) -> PlainResolver.Layer {
        PlainResolver.Layer(
            priority: layer.contributor.priority, depth: layer.contributor.depth,
            values: layer.entries.mapValues(\.value),
            enforced: Set(layer.entries.filter(\.value.isEnforced).map(\.key)),
            order: layer.entries.mapValues { Int($0.seq) })
    }
}
