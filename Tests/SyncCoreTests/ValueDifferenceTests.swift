import SyncCore
import SyncProtocol
import Testing

/// What is different between two values of one setting, record by record.
@Suite struct ValueDifferenceTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog.embedded() }

    @Test func `records come, go and change in named fields`() throws {
        let parts = try difference(
            "applications",
            #"[{"packageName":"a","installType":"AVAILABLE","managedConfiguration":{"x":1,"y":{"z":2}}},{"packageName":"b"}]"#,
            #"[{"packageName":"a","installType":"BLOCKED","managedConfiguration":{"x":1,"y":{"z":3}}},{"packageName":"c","disabled":true}]"#
        )
        #expect(parts.map(\.kind) == [.changed, .removed, .added])
        #expect(parts.map(\.name) == [.string("a"), .string("b"), .string("c")])
        #expect(parts[0].fields.map(\.path) == ["installType", "managedConfiguration.y.z"])
        #expect(parts[0].fields.map(\.before) == [.string("AVAILABLE"), .integer(2)])
        #expect(parts[0].fields.map(\.after) == [.string("BLOCKED"), .integer(3)])
        #expect(parts[1].fields == [] && parts[2].fields.map(\.path) == ["disabled"])
    }

    @Test func `elements, compound keys, lists in one value and objects have parts too`() throws {
        #expect(
            try difference("accountTypesWithManagementDisabled", #"["x","y"]"#, #"["y","z"]"#).map(\.kind)
                == [.removed, .added])
        let activities = try difference(
            "persistentPreferredActivities", "[]", #"[{"actions":["a"],"categories":["c"],"receiverActivity":"r"}]"#)
        #expect(activities.first?.name == .array([.array([.string("a")]), .array([.string("c")])]))
        let networks = try difference(
            "openNetworkConfiguration", #"{"NetworkConfigurations":[{"GUID":"g","Name":"n"}]}"#,
            #"{"NetworkConfigurations":[{"GUID":"g","Name":"m"}],"Type":"UnencryptedConfiguration"}"#)
        #expect(networks.map(\.list) == [nil, "NetworkConfigurations"])
        #expect(networks.map { $0.fields.map(\.path) } == [["Type"], ["Name"]])
        #expect(try difference("maximumTimeToLock", "1", "2") == [], "a value without parts")
    }

    @Test func `applying the parts of a difference gives the other value`() throws {
        let key = try #require(catalog.settings["applications"])
        let (before, after) = (records(0..<40, "AVAILABLE"), records(20..<60, "BLOCKED"))
        let parts = try #require(ValueDifference(of: key, from: before, to: after)).parts
        let counts = ValueDifference.Part.Kind.allCases.map { kind in parts.count { $0.kind == kind } }
        #expect(counts == [20, 20, 20])
        #expect(ValueDifference(of: key, from: after, to: after)?.parts == [])
    }

    private func records(_ range: Range<Int>, _ type: String) -> JSONValue {
        .array(range.map { .object(["packageName": .string("p\(100 + $0)"), "installType": .string(type)]) })
    }

    private func difference(_ key: String, _ before: String, _ after: String) throws -> [ValueDifference.Part] {
        func value(_ text: String) throws -> JSONValue? {
            let json = try JSONReader.read(Array("{\"\(key)\":\(text)}".utf8))
            return try PolicyReader.read(json, catalog: catalog).body.values[key]
        }
        let setting = try #require(catalog.settings[key])
        return ValueDifference(of: setting, from: try value(before), to: try value(after))?.parts ?? []
    }
}
