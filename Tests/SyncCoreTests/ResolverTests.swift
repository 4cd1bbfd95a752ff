import SyncCore
import SyncProtocol
import Testing

/// Rules that no random law shows: clamps, followers, constraints, reasons.
@Suite struct ResolverTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog.embedded() }

    @Test func `a screen timeout above the time to lock becomes the time to lock`() throws {
        let key = "displaySettings.screenTimeoutSettings.screenTimeout"
        let resolved = try resolve([(20, "{\"\(key)\":\"600s\",\"maximumTimeToLock\":300500}", [])])
        #expect(resolved.settings[key]?.value == .string("300.5s"))
        #expect(resolved.settings[key]?.decision.clampedBy == "maximumTimeToLock")
        let unlimited = try resolve([(20, "{\"\(key)\":\"600s\",\"maximumTimeToLock\":0}", [])])
        #expect(unlimited.settings[key]?.value == .string("600s"))
    }

    @Test func `a merged record that breaks its constraint loses the side that erases`() throws {
        let resolved = try resolve([
            (10, "{\"policyEnforcementRules\":[{\"settingName\":\"s\",\"wipeAction\":{\"wipeAfterDays\":3}}]}", []),
            (20, "{\"policyEnforcementRules\":[{\"settingName\":\"s\",\"blockAction\":{\"blockAfterDays\":5}}]}", []),
        ])
        let rules = resolved.settings["policyEnforcementRules"]
        #expect(rules?.value.array?.first?["wipeAction"] == nil)
        #expect(rules?.value.array?.first?["blockAction"]?["blockAfterDays"] == .integer(5))
        #expect(resolved.violations.map(\.key) == ["policyEnforcementRules"])
        #expect(resolved.violations.first?.violation.contributors.map(\.priority) == [10, 20])
    }

    @Test func `a follower is unset when the leader's layer does not set it`() throws {
        let mode = "deviceConnectivityManagement.privateDnsSettings.privateDnsMode"
        let host = "deviceConnectivityManagement.privateDnsSettings.privateDnsHost"
        let resolved = try resolve([
            (10, "{\"\(mode)\":\"PRIVATE_DNS_SPECIFIED_HOST\"}", []),
            (20, "{\"\(mode)\":\"PRIVATE_DNS_USER_CHOICE\",\"\(host)\":\"dns.example\"}", []),
        ])
        #expect(resolved.settings[host] == nil)
        let loss = resolved.unset[host]?.verdicts.first?.loss
        #expect(loss == .doesNotLead(key: mode, leader: Contributor(name: "10", priority: 10)))
    }

    @Test func `reasons name who won`() throws {
        let key = "appAutoUpdatePolicy"
        let resolved = try resolve([
            (10, "{\"\(key)\":\"NEVER\"}", [key]), (20, "{\"\(key)\":\"ALWAYS\"}", []),
            (40, "{\"\(key)\":\"WIFI_ONLY\"}", []),
        ])
        let baseline = Contributor(name: "10", priority: 10)
        #expect(resolved.settings[key]?.decision.from == [baseline])
        #expect(
            resolved.settings[key]?.decision.verdicts.map(\.loss) == [
                nil, .enforcedElsewhere(by: baseline), .enforcedElsewhere(by: baseline),
            ])
    }

    private func resolve(_ layers: [(priority: Int, values: String, enforced: [String])]) throws -> Resolution {
        let read = try layers.enumerated().map { index, layer in
            let reading = try PolicyReader.read(
                values: try JSONReader.read(Array(layer.values.utf8)),
                enforced: .array(layer.enforced.map(JSONValue.string)), catalog: catalog)
            return Layer(
                contributor: Contributor(name: String(layer.priority), priority: layer.priority), body: reading.body,
                seq: UInt64(index + 1))
        }
        return Resolver.resolve(read, catalog: catalog)
    }
}
