import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// Deltas between documents, over the whole catalog.
@Suite struct DeltaTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog.embedded() }

    @Test func `applied to what it was made from, a delta gives the other document`() throws {
        var generator = SeededGenerator(for: "deltas of random documents")
        let settings = catalog.settings.values.filter(\.mayStandInPolicy).sorted { $0.key < $1.key }
        var byRecord = 0
        for _ in 0..<400 {
            let documents = (0..<2).map { _ in document(of: settings, using: &generator) }
            // Mostly a document and what a push makes of it.
            let old = documents[0]
            let new = Bool.random(using: &generator) ? documents[1] : pushed(old, settings, using: &generator)
            let delta = Delta(from: old, to: new, catalog: catalog)
            #expect(delta.applied(to: old) == new)
            #expect(Delta(delta.json) == delta)
            #expect(Delta(from: new, to: new, catalog: catalog).json == .object([:]))
            byRecord += delta.records.count
        }
        #expect(byRecord > 0, "no list changed record by record")
    }

    @Test func `one record of many costs one record`() throws {
        func applications(_ count: Int, version: Int64) -> JSONValue {
            .array(
                (0..<count).map { index in
                    .object([
                        "packageName": .string("fr.example.app\(100 + index)"),
                        "minimumVersionCode": .integer(index == 7 ? version : 1),
                    ])
                })
        }
        let old = ["applications": applications(60, version: 1), "smsDisabled": .bool(true)]
        let new = ["applications": applications(59, version: 2), "cameraAccess": .string("CAMERA_ACCESS_DISABLED")]
        let delta = Delta(from: old, to: new, catalog: catalog)
        #expect(delta.records["applications"]?.put.count == 1)
        #expect(delta.records["applications"]?.drop == [.object(["packageName": .string("fr.example.app159")])])
        #expect(delta.unset == ["smsDisabled"] && Array(delta.set.keys) == ["cameraAccess"])
        #expect(delta.applied(to: old) == new)
    }

    private func document(of settings: [Setting], using generator: inout SeededGenerator) -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        for setting in settings where Int.random(in: 0..<4, using: &generator) == 0 {
            values[setting.key] = RandomValue.of(setting.type, using: &generator)
        }
        return normal(values)
    }

    /// One setting or a few become others.
    private func pushed(
        _ document: [String: JSONValue], _ settings: [Setting], using generator: inout SeededGenerator
    ) -> [String: JSONValue] {
        var values = document
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            guard let setting = settings.randomElement(using: &generator) else { continue }
            let value = RandomValue.of(setting.type, using: &generator)
            if case .records = setting.type, let old = values[setting.key]?.array, let more = value.array {
                values[setting.key] = .array(Array(old.dropFirst()) + more.prefix(1))
            } else {
                values[setting.key] = Bool.random(using: &generator) ? value : nil
            }
        }
        return normal(values)
    }

    /// What a resolver would make of it: the only documents there are.
    private func normal(_ values: [String: JSONValue]) -> [String: JSONValue] {
        let kept = values.filter { key, value in
            (try? PolicyReader.read(.object(["settings": .object([key: value])]), catalog: catalog)) != nil
        }
        let read = try? PolicyReader.read(.object(["settings": .object(kept)]), catalog: catalog)
        let layer = Layer(
            contributor: Contributor(name: "p", priority: 10), body: read?.body ?? PolicyBody(values: [:]), seq: 1)
        return Resolver.resolve([layer], catalog: catalog).document.object ?? [:]
    }
}
