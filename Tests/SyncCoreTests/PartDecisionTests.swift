import SyncCore
import SyncProtocol
import Testing

/// Who decided each record, field and element of a merged value.
@Suite struct PartDecisionTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog.embedded() }

    @Test func `each field of a record says who decided it and who lost`() throws {
        let applications = try parts(
            "applications",
            [
                (10, #"[{"packageName":"a","installType":"AVAILABLE","disabled":false},{"packageName":"b"}]"#),
                (20, #"[{"packageName":"a","installType":"BLOCKED","disabled":false},{"packageName":"c"}]"#),
            ])
        #expect(applications.map(\.text) == ["a", "b", "c"])
        #expect(applications.map(\.isContested) == [true, false, false])
        let fields = applications[0].fields
        #expect(fields.map(\.path) == ["disabled", "installType"])
        #expect(fields.map(\.isContested) == [false, true])
        #expect(fields[1].value == .string("BLOCKED") && fields[1].strategy == "enum-order")
        #expect(fields[1].verdicts.map(\.loss) == [.lessStrict, nil])
        #expect(fields[1].verdicts.map(\.contribution.contributor.priority) == [10, 20])
    }

    @Test func `a policy whose every part others decide does not count`() throws {
        let resolved = try resolve([
            (
                10,
                #"{"applications":[{"packageName":"a","installType":"BLOCKED"},{"packageName":"b","installType":"KIOSK"}]}"#
            ),
            (20, #"{"applications":[{"packageName":"a","installType":"AVAILABLE"}]}"#),
        ])
        #expect(try verdicts("applications", resolved) == [nil, .nothingCounts])
        let both = try resolve([
            (10, #"{"applications":[{"packageName":"a","installType":"BLOCKED"}]}"#),
            (20, #"{"applications":[{"packageName":"a","installType":"AVAILABLE","disabled":true}]}"#),
        ])
        #expect(try verdicts("applications", both) == [nil, nil], "one field is enough")
    }

    @Test func `a value that another setting limits is nobody's`() throws {
        let key = "displaySettings.screenTimeoutSettings.screenTimeout"
        let resolved = try resolve([(10, "{\"\(key)\":\"600s\",\"maximumTimeToLock\":60000}")])
        #expect(try verdicts(key, resolved) == [.limited(by: "maximumTimeToLock")])
    }

    @Test func `elements of sets say whose they are, and why one is missing`() throws {
        let union = try parts("accountTypesWithManagementDisabled", [(10, #"["x","y"]"#), (20, #"["y","z"]"#)])
        #expect(union.map { $0.verdicts.count } == [1, 2, 1] && union.allSatisfy { $0.value != nil })
        let common = try parts("permittedInputMethods.packageNames", [(10, #"["k.a","k.b"]"#), (20, #"["k.b"]"#)])
        #expect(common.map { $0.value == nil } == [true, false])
        let other = Contributor(name: "20", priority: 20)
        #expect(common[0].verdicts.map(\.loss) == [.notShared(with: other)])
    }

    private func parts(_ key: String, _ values: [(Int, String)]) throws -> [PartDecision] {
        let resolved = try resolve(values.map { ($0, "{\"\(key)\":\($1)}") })
        let setting = try #require(catalog.settings[key])
        let decision = try #require(resolved.settings[key]?.decision)
        return try #require(decision.parts(of: setting))
    }

    private func verdicts(_ key: String, _ resolution: Resolution) throws -> [ResolvedSetting.Loss?] {
        let (setting, resolved) = (try #require(catalog.settings[key]), try #require(resolution.settings[key]))
        return resolved.decision.verdicts(reachingInto: setting, value: resolved.value).map(\.loss)
    }

    private func resolve(_ layers: [(priority: Int, values: String)]) throws -> Resolution {
        let read = try layers.enumerated().map { index, layer in
            let reading = try PolicyReader.read(try JSONReader.read(Array(layer.values.utf8)), catalog: catalog)
            return Layer(
                contributor: Contributor(name: String(layer.priority), priority: layer.priority), body: reading.body,
                seq: UInt64(index + 1))
        }
        return Resolver.resolve(read, catalog: catalog)
    }
}
