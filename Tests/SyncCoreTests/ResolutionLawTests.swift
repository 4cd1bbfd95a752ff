@testable import SyncCore
import SyncProtocol
import Testing
import TestSupport

/// The laws of resolution, on random values for every setting of the catalog.
@Suite struct ResolutionLawTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog.embedded() }

    @Test func `order and repetition of layers change nothing`() throws {
        var generator = SeededGenerator(for: "order and repetition of layers change nothing")
        for _ in 0..<300 {
            let layers = try randomLayers(using: &generator)
            let resolved = Resolver.resolve(layers, catalog: catalog)
            let repeated = (layers + layers.filter { _ in Bool.random(using: &generator) }).shuffled(using: &generator)
            #expect(Resolver.resolve(repeated, catalog: catalog) == resolved)
        }
    }

    @Test func `the result is in normal form`() throws {
        var generator = SeededGenerator(for: "the result is in normal form")
        for _ in 0..<200 {
            let document = Resolver.resolve(try randomLayers(using: &generator), catalog: catalog).document
            let reading = try PolicyReader.read(values: document, enforced: .array([]), catalog: catalog)
            #expect(JSONValue.object(reading.body.values) == document)
        }
    }

    @Test func `a layer alone resolves to itself`() throws {
        var generator = SeededGenerator(for: "a layer alone resolves to itself")
        for _ in 0..<200 {
            let layer = try randomLayer(0, using: &generator)
            let resolved = Resolver.resolve([layer], catalog: catalog)
            for (key, setting) in resolved.settings where setting.decision.clampedBy == nil {
                #expect(setting.value == layer.entries[key]?.value, "\(key)")
                #expect(setting.decision.from == [layer.contributor])
            }
        }
    }

    @Test func `joins are commutative, associative and idempotent`() throws {
        var generator = SeededGenerator(for: "joins are commutative, associative and idempotent")
        let joins = catalog.settings.values.filter { $0.strategy.isJoin && $0.mayStandInPolicy }.sorted {
            $0.key < $1.key
        }
        #expect(joins.count > 90)
        for setting in joins {
            for _ in 0..<40 {
                let values = (0..<3).compactMap { _ in randomValue(of: setting, using: &generator) }
                guard values.count == 3 else { continue }
                let (a, b, c) = (values[0], values[1], values[2])
                #expect(join(a, b, setting) == join(b, a, setting), "\(setting.key)")
                #expect(
                    join(join(a, b, setting), c, setting) == join(a, join(b, c, setting), setting), "\(setting.key)")
                #expect(join(a, a, setting) == a, "\(setting.key)")
            }
        }
    }

    @Test func `every contributor gets a verdict, and somebody made every result`() throws {
        var generator = SeededGenerator(for: "every contributor gets a verdict")
        for _ in 0..<200 {
            let layers = try randomLayers(using: &generator)
            let resolved = Resolver.resolve(layers, catalog: catalog)
            for key in Set(layers.flatMap { $0.entries.keys }) {
                let decision = resolved.settings[key]?.decision ?? resolved.unset[key]
                #expect(decision?.verdicts.count == layers.filter { $0.entries[key] != nil }.count, "\(key)")
                if resolved.settings[key] != nil { #expect(decision?.from.isEmpty == false, "\(key)") }
            }
        }
    }

    private func join(_ first: JSONValue, _ second: JSONValue, _ setting: Setting) -> JSONValue {
        Resolver.stricter(first, second, by: setting.strategy)
    }

    private func randomLayers(using generator: inout SeededGenerator) throws -> [Layer] {
        try (0..<Int.random(in: 0...5, using: &generator)).map { try randomLayer($0, using: &generator) }
    }

    private func randomLayer(_ index: Int, using generator: inout SeededGenerator) throws -> Layer {
        var entries: [String: Layer.Entry] = [:]
        for key in catalog.settings.keys.sorted() where Int.random(in: 0...3, using: &generator) == 0 {
            guard let setting = catalog.settings[key], setting.mayStandInPolicy,
                let value = randomValue(of: setting, using: &generator)
            else { continue }
            entries[key] = Layer.Entry(
                value: value, seq: UInt64.random(in: 1...4, using: &generator),
                isEnforced: Int.random(in: 0...4, using: &generator) == 0)
        }
        let priority = [10, 20, 30, 40, 50, 60, 100].randomElement(using: &generator) ?? 10
        return Layer(
            contributor: Contributor(
                name: "p\(index)", priority: priority, depth: .random(in: 0...3, using: &generator)),
            entries: entries)
    }

    /// A value in normal form; nil where the draw meant "unset" or broke the setting's own constraint.
    private func randomValue(of setting: Setting, using generator: inout SeededGenerator) -> JSONValue? {
        let raw = JSONValue.object([setting.key: RandomValue.of(setting.type, using: &generator)])
        return try? PolicyReader.read(values: raw, enforced: .array([]), catalog: catalog).body.values[setting.key]
    }
}

extension Strategy {
    fileprivate var isJoin: Bool {
        switch self {
        case .trueWins, .falseWins, .minimum, .maximum, .enumOrder, .union, .intersection: true
        case .keyedMerge(_, let fields): fields.values.allSatisfy(\.strategy.isJoin)
        case .priority, .follow, .lastWriter, .append, .allowDenyList, .keyedLists, .addWinsSet: false
        }
    }
}
