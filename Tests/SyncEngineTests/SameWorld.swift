import SyncCore
import Testing

@testable import SyncEngine

/// Two Worlds compared in all that they hold and all that they answer.
enum SameWorld {
    static func expect(_ found: World, _ expected: World, _ place: Comment) throws {
        #expect(found.lines.elementsEqual(expected.lines), place)
        #expect(found.unitPaths == expected.unitPaths && found.readFacts == expected.readFacts, place)
        #expect(found.credentials.mapValues(\.id) == expected.credentials.mapValues(\.id), place)
        #expect(found.credentials.values.allSatisfy { found.devices[$0.id] === $0 }, place)
        #expect(expected.credentials.values.allSatisfy { expected.devices[$0.id] === $0 }, place)
        #expect(found.serials == expected.serials && found.reissuedTokens == expected.reissuedTokens, place)
        #expect(found.spentTokens == expected.spentTokens, place)
        #expect(found.spentCredentials == expected.spentCredentials, place)
        #expect(found.assignments == expected.assignments && found.operatorNames == expected.operatorNames, place)
        #expect(found.units.bound == expected.units.bound && found.incidents == expected.incidents, place)
        #expect(found.assignmentsOfPolicy == expected.assignmentsOfPolicy, place)
        #expect(found.factReaders == expected.factReaders && found.sortedFacts == expected.sortedFacts, place)
        #expect(found.deviceAssignments == expected.deviceAssignments, place)
        #expect(found.cohorts.entries.count == expected.cohorts.entries.count, place)
        for unit in expected.unitPaths {
            let listed = [found, expected].map { $0.devices(under: unit, after: nil).map(\.id) }
            #expect(listed[0] == listed[1] && listed[0] == listed[0].sorted(), "\(place): \(unit)")
        }
        expectTheSameFields(found, expected, place)
        let sizes = [found, expected].map { world in
            Dictionary(uniqueKeysWithValues: world.populatedCohorts.map { ($0.cohort, $0.devices) })
        }
        #expect(sizes[0] == sizes[1], place)
        for (id, device) in expected.devices {
            let other = try #require(found.devices[id])
            let classes = [found.policyClass(of: other), expected.policyClass(of: device)]
            #expect(classes[0] == classes[1], "\(place): \(id)")
            #expect(found.version(of: classes[0]) == expected.version(of: classes[1]), "\(place): \(id)")
            #expect(found.resolve(classes[0]).document == expected.resolve(classes[1]).document, "\(place): \(id)")
            #expect(found.cohort(other.cohort) == expected.cohort(device.cohort), "\(place): \(id)")
            #expect(found.deviceAssignments[id] ?? [] == expected.deviceAssignments[id] ?? [], "\(place): \(id)")
        }
    }

    /// Field by field, so that one that is added later and not written down is found.
    private static func expectTheSameFields(_ found: World, _ expected: World, _ place: Comment) {
        for (id, device) in expected.devices {
            #expect(fields(found.devices[id]?.fields) == fields(device.fields), "\(place): \(id)")
        }
        for (hash, token) in expected.tokens { #expect(fields(found.tokens[hash]) == fields(token), place) }
        for (id, policy) in expected.policies {
            #expect(fields(found.policies[id]) == fields(policy), "\(place): \(id)")
            for (key, setting) in policy.settings {
                #expect(fields(found.policies[id]?.settings[key]) == fields(setting), "\(place): \(id) \(key)")
            }
            #expect(found.policies[id]?.settings.count == policy.settings.count, place)
        }
        let counts = [found, expected].map {
            [$0.devices.count, $0.tokens.count, $0.policies.count, Int($0.policySeq)]
        }
        #expect(counts[0] == counts[1] && found.operators == expected.operators, place)
        #expect(found.operatorTokens == expected.operatorTokens && found.policyIDs == expected.policyIDs, place)
        #expect(found.activatedCatalog == expected.activatedCatalog && found.seq == expected.seq, place)
    }

    private static func fields<T>(_ value: T?) -> [String: AnyHashable] {
        guard let value else { return [:] }
        var fields: [String: AnyHashable] = [:]
        for child in Mirror(reflecting: value).children {
            // Cohorts are numbered as they come, and settings are compared one by one.
            guard let name = child.label, name != "cohort", name != "settings" else { continue }
            guard let field = child.value as? AnyHashable else {
                Issue.record("\(T.self).\(name) cannot be compared")
                continue
            }
            fields[name] = field
        }
        return fields
    }
}
