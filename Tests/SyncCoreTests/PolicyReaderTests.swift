import SyncCore
import SyncProtocol
import Testing

/// What an operator may write, and what he is told when it is wrong.
@Suite struct PolicyReaderTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog.embedded() }

    @Test(arguments: [
        ("{\"cameraAcess\":1}", "unknown-setting", "cameraAcess"),
        ("{\"addUserDisabled\":\"yes\"}", "wrong-type", "addUserDisabled"),
        ("{\"addUserDisabled\":null}", "null-value", "addUserDisabled"),
        ("{\"cameraAccess\":\"CAMERA_OFF\"}", "unknown-value", "cameraAccess"),
        ("{\"systemUpdate\":3}", "bad-nesting", "systemUpdate"),
        ("{\"systemUpdate\":{\"typ\":\"WINDOWED\"}}", "unknown-setting", "systemUpdate.typ"),
        ("{\"reported.apiLevel\":33}", "not-in-policy", "reported.apiLevel"),
        ("{\"unit\":{\"label\":\"x\"}}", "not-in-policy", "unit.label"),
        ("{\"user.language\":\"fr-FR\"}", "not-in-policy", "user.language"),
        ("{\"applications\":[{\"installType\":\"BLOCKED\"}]}", "missing-key", "applications[0].packageName"),
        ("{\"applications\":[{\"packageName\":\"a\"},{\"packageName\":\"a\"}]}", "duplicate-key", "applications[1]"),
        ("{\"applications\":[{\"packageName\":\"a\",\"colour\":1}]}", "unknown-setting", "applications[0].colour"),
        (
            "{\"applications\":[{\"packageName\":\"a\",\"managedConfiguration\":{\"x\":[null]}}]}", "null-value",
            "applications[0].managedConfiguration.x[0]"
        ),
        ("{\"maximumTimeToLock\":\"5m\"}", "wrong-type", "maximumTimeToLock"),
        (
            "{\"displaySettings.screenBrightnessSettings.screenBrightness\":256}", "out-of-range",
            "displaySettings.screenBrightnessSettings.screenBrightness"
        ),
        (
            "{\"policyEnforcementRules\":[{\"settingName\":\"s\",\"blockAction\":{\"blockAfterDays\":5},"
                + "\"wipeAction\":{\"wipeAfterDays\":5}}]}", "constraint-broken", "policyEnforcementRules[0]"
        ),
        ("{\"settings\":{},\"enforced\":[\"cameraAccess\"]}", "enforced-unset", "enforced"),
        ("{\"settings\":{},\"enforce\":[]}", "unknown-setting", "enforce"),
        (
            "{\"systemUpdate.type\":\"WINDOWED\",\"systemUpdate\":{\"type\":\"WINDOWED\"}}", "set-twice",
            "systemUpdate.type"
        ),
        ("{\"applications\":[{\"packageName\":\"fr.example.pve \"}]}", "bad-text", "applications[0].packageName"),
        ("{\"applications\":[{\"packageName\":\"not a package!\"}]}", "bad-text", "applications[0].packageName"),
        ("{\"applications\":[{\"packageName\":\"\"}]}", "bad-text", "applications[0].packageName"),
        ("{\"applications\":[{\"packageName\":\"fr..pve\"}]}", "bad-text", "applications[0].packageName"),
        (
            "{\"permittedInputMethods\":{\"packageNames\":[\"a\\u200bb\"]}}", "bad-text",
            "permittedInputMethods.packageNames[0]"
        ),
        ("{\"alwaysOnVpnPackage\":{\"packageName\":\"fr.vpn\\u0000\"}}", "bad-text", "alwaysOnVpnPackage.packageName"),
        ("{\"accountTypesWithManagementDisabled\":[\"com.x \"]}", "bad-text", "accountTypesWithManagementDisabled[0]"),
        ("{\"permissionGrants\":[{\"permission\":\"a\\u00a0b\"}]}", "bad-text", "permissionGrants[0].permission"),
        ("[]", "wrong-type", "policy"),
    ])
    func `says what is wrong and where`(text: String, code: String, path: String) throws {
        let json = try JSONReader.read(Array(text.utf8))
        #expect { try PolicyReader.read(json, catalog: catalog) } throws: { error in
            let problems = (error as? PolicyProblems)?.problems ?? []
            return problems.map(\.code.rawValue) == [code] && problems.first?.path == path
        }
    }

    @Test func `lists every problem at once`() throws {
        let json = try JSONReader.read(Array("{\"a\":1,\"b\":2,\"cameraAccess\":3}".utf8))
        #expect { try PolicyReader.read(json, catalog: catalog) } throws: {
            ($0 as? PolicyProblems)?.problems.count == 3
        }
    }

    @Test func `nested and dotted settings mean the same`() throws {
        let nested = try read("{\"systemUpdate\":{\"type\":\"WINDOWED\",\"startMinutes\":60}}")
        let dotted = try read("{\"systemUpdate.type\":\"WINDOWED\",\"systemUpdate.startMinutes\":60}")
        #expect(nested.body == dotted.body)
    }

    @Test func `normal form`() throws {
        let reading = try read(
            "{\"maximumTimeToLock\":\"300000\",\"wipeDataFlags\":[\"WIPE_ESIMS\",\"WIPE_ESIMS\"],"
                + "\"personalUsagePolicies\":{\"personalPlayStoreMode\":\"BLACKLIST\"},"
                + "\"defaultPermissionPolicy\":\"PERMISSION_POLICY_UNSPECIFIED\","
                + "\"displaySettings.screenTimeoutSettings.screenTimeout\":\"60.500s\","
                + "\"passwordPolicies\":[{\"passwordMinimumLength\":6}]}")
        #expect(
            reading.body.values == [
                "maximumTimeToLock": .integer(300_000),
                "wipeDataFlags": .array([.string("WIPE_ESIMS")]),
                "personalUsagePolicies.personalPlayStoreMode": .string("BLOCKLIST"),
                "displaySettings.screenTimeoutSettings.screenTimeout": .string("60.5s"),
                "passwordPolicies": .array([
                    .object(["passwordScope": .string("SCOPE_DEVICE"), "passwordMinimumLength": .integer(6)])
                ]),
            ])
    }

    @Test func `deprecated fields are migrated, unless their replacement is set`() throws {
        #expect(try read("{\"cameraDisabled\":true}").body.values["cameraAccess"] == .string("CAMERA_ACCESS_DISABLED"))
        #expect(try read("{\"cameraDisabled\":false}").body.values.isEmpty)
        let both = try read("{\"cameraDisabled\":true,\"cameraAccess\":\"CAMERA_ACCESS_ENFORCED\"}")
        #expect(both.body.values["cameraAccess"] == .string("CAMERA_ACCESS_ENFORCED"))
        #expect(both.notes.count == 1)
        #expect(
            try read("{\"cameraDisabled\":true}").notes == [
                "cameraDisabled: written as cameraAccess = \"CAMERA_ACCESS_DISABLED\""
            ])
        let two = try read("{\"debuggingFeaturesAllowed\":true,\"safeBootDisabled\":true}")
        let key = "advancedSecurityOverrides.developerSettings"
        #expect(two.body.values[key] == .string("DEVELOPER_SETTINGS_DISABLED"), "the stricter of two")
        #expect(
            two.notes.filter { $0.hasSuffix("written as \(key) = \"DEVELOPER_SETTINGS_DISABLED\"") }.count == 2,
            "notes say what stands in the end: \(two.notes)")
    }

    @Test func `what is written otherwise than it was stated is told`() throws {
        let notes = try read(
            "{\"personalUsagePolicies\":{\"personalPlayStoreMode\":\"BLACKLIST\"},"
                + "\"defaultPermissionPolicy\":\"PERMISSION_POLICY_UNSPECIFIED\"}"
        ).notes
        #expect(
            notes == [
                "defaultPermissionPolicy: PERMISSION_POLICY_UNSPECIFIED left out, it means that nothing is set",
                "personalUsagePolicies.personalPlayStoreMode: BLACKLIST written as BLOCKLIST",
            ])
    }

    private func read(_ text: String) throws -> PolicyReader.Reading {
        try PolicyReader.read(try JSONReader.read(Array(text.utf8)), catalog: catalog)
    }
}
