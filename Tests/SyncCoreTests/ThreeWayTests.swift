import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// The laws of three-way merging, on random values for every setting of the catalog.
@Suite struct ThreeWayTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog.embedded() }

    @Test func `who changed nothing changes nothing, equal edits are one, and sides may be swapped`() throws {
        var generator = SeededGenerator(for: "three-way laws")
        for setting in catalog.settings.values.sorted(by: { $0.key < $1.key }) where setting.mayStandInPolicy {
            let merge = ThreeWay(setting.strategy)
            for _ in 0..<60 {
                let (b, x, y) = (
                    value(of: setting, using: &generator), value(of: setting, using: &generator),
                    value(of: setting, using: &generator)
                )
                #expect(merge.merge(base: b, yours: x, theirs: b) == .merged(x), "\(setting.key)")
                #expect(merge.merge(base: b, yours: b, theirs: y) == .merged(y), "\(setting.key)")
                #expect(merge.merge(base: b, yours: x, theirs: x) == .merged(x), "\(setting.key)")
                let outcome = merge.merge(base: b, yours: x, theirs: y)
                #expect(outcome == merge.merge(base: b, yours: y, theirs: x), "\(setting.key)")
                let areApart = Set([b, x, y]).count == 3
                if areApart, !merge.takesDifferences { #expect(outcome == .conflict, "\(setting.key)") }
            }
        }
    }

    @Test func `a merged value is one the setting admits`() throws {
        var generator = SeededGenerator(for: "a merged value is one the setting admits")
        let mergeable = catalog.settings.values.filter {
            $0.mayStandInPolicy && ThreeWay($0.strategy).takesDifferences
        }
        #expect(mergeable.count > 15)
        var merged = 0
        for setting in mergeable.sorted(by: { $0.key < $1.key }) {
            for _ in 0..<60 {
                let sides = (0..<3).map { _ in value(of: setting, using: &generator) }
                guard
                    case .merged(let result?) = ThreeWay(setting.strategy).merge(
                        base: sides[0], yours: sides[1], theirs: sides[2])
                else { continue }
                merged += 1
                guard let again = normal(setting, result) else { continue }
                #expect(again == result, "\(setting.key)")
            }
        }
        #expect(merged > 500)
    }

    @Test func `differences of both sides are taken`() {
        let set = ThreeWay(.union(absorbing: nil))
        #expect(
            set.merge(base: list("a", "b"), yours: list("b", "c"), theirs: list("a", "b", "d"))
                == .merged(list("b", "c", "d")))
        #expect(set.merge(base: nil, yours: list("a"), theirs: list("b")) == .merged(list("a", "b")))
        #expect(set.merge(base: list("a"), yours: nil, theirs: list("b")) == .conflict, "removed against edited")
    }

    @Test func `records are merged field by field`() throws {
        let applications = ThreeWay(try #require(catalog.settings["applications"]).strategy)
        func records(_ text: String) throws -> JSONValue { try JSONReader.read(Array(text.utf8)) }
        let base = try records(#"[{"packageName":"a","installType":"AVAILABLE"},{"packageName":"b"}]"#)
        let yours = try records(#"[{"packageName":"a","installType":"BLOCKED"},{"packageName":"b"}]"#)
        let theirs = try records(
            #"[{"packageName":"a","installType":"AVAILABLE","minimumVersionCode":3},{"packageName":"c"}]"#)
        let both = try records(
            #"[{"packageName":"a","installType":"BLOCKED","minimumVersionCode":3},{"packageName":"c"}]"#)
        #expect(applications.merge(base: base, yours: yours, theirs: theirs) == .merged(both))
        let other = try records(#"[{"packageName":"a","installType":"FORCE_INSTALLED"},{"packageName":"b"}]"#)
        #expect(applications.merge(base: base, yours: yours, theirs: other) == .conflict, "one field, two values")
        let gone = try records(#"[{"packageName":"b"}]"#)
        #expect(applications.merge(base: base, yours: yours, theirs: gone) == .conflict, "removed against edited")
    }

    private func list(_ words: String...) -> JSONValue { .array(words.map(JSONValue.string)) }

    /// A value in normal form, or none.
    private func value(of setting: Setting, using generator: inout SeededGenerator) -> JSONValue? {
        normal(setting, RandomValue.of(setting.type, using: &generator))
    }

    private func normal(_ setting: Setting, _ value: JSONValue) -> JSONValue? {
        let raw = JSONValue.object([setting.key: value])
        return try? PolicyReader.read(values: raw, enforced: .array([]), catalog: catalog).body.values[setting.key]
    }
}
