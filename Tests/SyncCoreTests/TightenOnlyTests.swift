import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// A policy that may be bound by devices' own reports never loosens anything, whatever else applies.
@Suite struct TightenOnlyTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog.embedded() }

    @Test func `with it every setting is at least as strict as without it`() throws {
        var generator = SeededGenerator(for: "with it every setting is at least as strict")
        var checked = 0
        for round in 0..<400 {
            let body = try randomBody(settings: 4, using: &generator)
            guard !body.values.isEmpty, TightenOnly.problems(of: body, catalog: catalog).isEmpty else { continue }
            let others = try (0..<Int.random(in: 0...3, using: &generator)).map { index in
                layer(try randomBody(settings: 60, using: &generator), index + 1, using: &generator)
            }
            let mine = layer(body, 0, using: &generator)
            let without = Resolver.resolve(others, catalog: catalog).document
            let with = Resolver.resolve(others + [mine], catalog: catalog).document
            for key in Set((with.object ?? [:]).keys).union((without.object ?? [:]).keys) {
                checked += 1
                let preset = catalog.settings[key]?.defaultValue
                guard let old = without[key] ?? preset, let new = with[key] ?? preset else {
                    #expect(with[key] != nil || without[key] == nil, "round \(round): \(key) is gone")
                    continue
                }
                guard body.values[key] != nil else {
                    let isClamped = catalog.settings[key]?.clamp != nil
                    #expect(old == new || isClamped, "round \(round): \(key) is another's")
                    continue
                }
                #expect(isAtLeastAsStrict(new, old, key), "round \(round): \(key) from \(old) to \(new)")
            }
        }
        #expect(checked > 500, "\(checked)")
    }

    @Test(arguments: [
        ("maximumTimeToLock", JSONValue.integer(60_000), true), ("funDisabled", .bool(true), true),
        ("funDisabled", .bool(false), true), ("keyguardDisabled", .bool(true), false),
        ("appAutoUpdatePolicy", .string("NEVER"), false), ("applications", .array([]), false),
        ("systemUpdate.type", .string("AUTOMATIC"), false),
        ("deviceConnectivityManagement.privateDnsSettings.privateDnsMode", .string("PRIVATE_DNS_AUTOMATIC"), false),
    ])
    func `what it admits`(key: String, value: JSONValue, isAdmitted: Bool) {
        let problems = TightenOnly.problems(of: PolicyBody(values: [key: value], enforced: []), catalog: catalog)
        #expect(problems.isEmpty == isAdmitted, "\(problems)")
    }

    private func isAtLeastAsStrict(_ new: JSONValue, _ old: JSONValue, _ key: String) -> Bool {
        guard let strategy = catalog.settings[key]?.strategy else { return false }
        let contributor = Contributor(name: "", priority: 0)
        let layers = [old, new].enumerated().map { index, value in
            Layer(contributor: contributor, entries: [key: Layer.Entry(value: value, seq: UInt64(index))])
        }
        if case .minimum(let ignored) = strategy, ignored.contains(new) { return ignored.contains(old) }
        return Resolver.resolve(layers, catalog: catalog).document[key] == new || old == new
    }

    private func layer(_ body: PolicyBody, _ index: Int, using generator: inout SeededGenerator) -> Layer {
        Layer(
            contributor: Contributor(
                name: "p\(index)", priority: [10, 20, 40, 50].randomElement(using: &generator) ?? 10),
            body: body, seq: UInt64(index))
    }

    private func randomBody(settings: Int, using generator: inout SeededGenerator) throws -> PolicyBody {
        var values: [String: JSONValue] = [:]
        for key in catalog.settings.keys.sorted().shuffled(using: &generator).prefix(settings) {
            guard let setting = catalog.settings[key], setting.mayStandInPolicy else { continue }
            let raw = JSONValue.object([key: RandomValue.of(setting.type, using: &generator)])
            values[key] = try? PolicyReader.read(values: raw, enforced: .array([]), catalog: catalog).body.values[key]
        }
        return PolicyBody(values: values, enforced: [])
    }
}
