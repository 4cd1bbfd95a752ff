import FleetSimulator
@testable import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// User documents: what is edited on a terminal, often offline, and elsewhere for its user.
@Suite struct UserDocumentTests {
    private let catalog: Catalog
    private let open: UserBounds

    init() throws {
        catalog = try Catalog.embedded()
        open = UserBounds(Resolver.resolve([], catalog: catalog), catalog)
    }

    /// One history: a device and the log each write in order, each having seen some of what the other wrote.
    private struct History {
        struct Step {
            let isDevice: Bool
            let own: UInt64
            let seen: UInt64
            let edit: UserEdit
        }

        let steps: [Step]

        init(using generator: inout SeededGenerator) {
            var steps: [Step] = []
            var (number, revision): (UInt64, Seq) = (0, 0)
            var (numberSeen, revisionSeen): (UInt64, Seq) = (0, 0)
            for _ in 0..<Int.random(in: 1...24, using: &generator) {
                let edit = Self.edit(using: &generator)
                if Bool.random(using: &generator) {
                    if Int.random(in: 0...2, using: &generator) == 0 { revisionSeen = revision }
                    number += 1
                    steps.append(Step(isDevice: true, own: number, seen: revisionSeen, edit: edit))
                } else {
                    if Int.random(in: 0...2, using: &generator) == 0 { numberSeen = number }
                    revision += UInt64.random(in: 1...3, using: &generator)
                    // Some authors look at what is old.
                    let seen = UInt64.random(in: 0...numberSeen, using: &generator)
                    steps.append(Step(isDevice: false, own: revision, seen: seen, edit: edit))
                }
            }
            self.steps = steps
        }

        private static func edit(using generator: inout SeededGenerator) -> UserEdit {
            let name = JSONValue.string(["a", "b", "c"].randomElement(using: &generator) ?? "a")
            let flag = JSONValue.bool(Bool.random(using: &generator))
            return switch Int.random(in: 0...7, using: &generator) {
            case 0: UserEdit("user.language", .set, name)
            case 1: UserEdit("user.language", .unset)
            case 2: UserEdit("user.favouriteApps", .add, .array([name]))
            case 3: UserEdit("user.favouriteApps", .remove, .array([name]))
            case 4: UserEdit("user.wifiNetworks", .put, .object(["ssid": name, "security": .string("WPA")]))
            case 5: UserEdit("user.wifiNetworks", .put, .object(["ssid": name, "security": name, "autoConnect": flag]))
            case 6: UserEdit("user.wifiNetworks", .patch, .object(["ssid": name, "autoConnect": flag]))
            default: UserEdit("user.wifiNetworks", .remove, .array([name]))
            }
        }

        /// The same steps in another order in which they can arrive: each side's in order, and what was seen first.
        func rearranged(using generator: inout SeededGenerator) -> [Step] {
            var (device, log) = (steps.filter(\.isDevice)[...], steps.filter { !$0.isDevice }[...])
            var (number, revision): (UInt64, Seq) = (0, 0)
            var arrived: [Step] = []
            while !device.isEmpty || !log.isEmpty {
                let mayDevice = device.first.map { $0.seen <= revision } ?? false
                let mayLog = log.first.map { $0.seen <= number } ?? false
                let takesDevice = mayDevice && (!mayLog || Bool.random(using: &generator))
                let step = takesDevice ? device.removeFirst() : log.removeFirst()
                if step.isDevice { number = step.own } else { revision = step.own }
                arrived.append(step)
            }
            return arrived
        }
    }

    private func take(_ step: History.Step, into document: inout UserDocument) throws {
        if step.isDevice {
            let edit = DeviceEdit(
                number: step.own, edit: step.edit, seen: step.seen, claimed: .random(in: -9_999...9_999))
            let answers = document.take([edit], within: open, catalog)
            #expect(answers.map(\.outcome) == [.applied])
        } else {
            try document.take(step.edit, at: step.own, seen: step.seen, catalog)
        }
    }

    @Test func `values are what the definition says, in every order of arrival`() throws {
        var generator = SeededGenerator(for: "user documents and their definition")
        for _ in 0..<400 {
            let history = History(using: &generator)
            var naive = PlainUserDocument()
            for step in history.steps {
                naive.add(step.edit, isDevice: step.isDevice, own: step.own, seen: step.seen)
            }
            for _ in 0..<3 {
                var document = UserDocument(enrolment: 1, epoch: 1)
                for step in history.rearranged(using: &generator) { try take(step, into: &document) }
                // The size that is kept is the size there is: an array's brackets, and no comma behind the last.
                let stored = CanonicalWriter.count(of: document.cellsJSON)
                #expect(document.cellBytes == (document.cells.isEmpty ? 0 : stored - 1))
                #expect(document.values(catalog) == naive.values)
                #expect(UserDocument(document.json) == document)
            }
        }
    }

    @Test func `a prefix of a history is what its writes say, and a resend changes nothing`() throws {
        var generator = SeededGenerator(for: "user documents, step by step")
        for _ in 0..<400 {
            var naive = PlainUserDocument()
            var document = UserDocument(enrolment: 1, epoch: 1)
            var sent: [DeviceEdit] = []
            for step in History(using: &generator).steps {
                try take(step, into: &document)
                naive.add(step.edit, isDevice: step.isDevice, own: step.own, seen: step.seen)
                if step.isDevice { sent.append(DeviceEdit(number: step.own, edit: step.edit, seen: step.seen)) }
                let before = document
                let again = document.take(sent.shuffled(using: &generator), within: open, catalog)
                #expect(document == before)
                #expect(again.allSatisfy { $0.outcome == .applied })
                #expect(document.values(catalog) == naive.values)
            }
        }
    }

    @Test func `a set keeps what was added unseen, and a record that was edited comes back whole`() throws {
        var document = UserDocument(enrolment: 1, epoch: 1)
        func device(_ number: UInt64, seen: Seq, _ edit: UserEdit) {
            let edit = DeviceEdit(number: number, edit: edit, seen: seen)
            #expect(document.take([edit], within: open, catalog).map(\.outcome) == [.applied])
        }
        let base = JSONValue.object(["ssid": .string("base"), "security": .string("WPA"), "autoConnect": .bool(true)])
        device(1, seen: 0, UserEdit("user.wifiNetworks", .put, base))
        try document.take(UserEdit("user.favouriteApps", .add, .array([.string("fr.map")])), at: 10, seen: 1, catalog)
        try document.take(UserEdit("user.wifiNetworks", .remove, .array([.string("base")])), at: 11, seen: 1, catalog)
        #expect(document.values(catalog)["user.wifiNetworks"] == nil)
        // The terminal was offline: it had seen neither.
        device(2, seen: 0, UserEdit("user.favouriteApps", .remove, .array([.string("fr.map")])))
        device(
            3, seen: 0,
            UserEdit("user.wifiNetworks", .patch, .object(["ssid": .string("base"), "autoConnect": .bool(false)])))
        #expect(document.values(catalog)["user.favouriteApps"] == .array([.string("fr.map")]))
        #expect(
            document.values(catalog)["user.wifiNetworks"]
                == .array([
                    .object(["ssid": .string("base"), "security": .string("WPA"), "autoConnect": .bool(false)])
                ]))
        // Now it has seen them.
        device(4, seen: 11, UserEdit("user.favouriteApps", .remove, .array([.string("fr.map")])))
        #expect(document.values(catalog)["user.favouriteApps"] == nil)
    }

    @Test func `of two values set unseen the terminal's counts, and the other stays in sight`() throws {
        var document = UserDocument(enrolment: 1, epoch: 1)
        try document.take(UserEdit("user.language", .set, .string("de")), at: 10, seen: 0, catalog)
        let edit = UserEdit("user.language", .set, .string("br"))
        #expect(document.take([DeviceEdit(number: 1, edit: edit, seen: 0)], within: open, catalog).count == 1)
        #expect(document.values(catalog)["user.language"] == .string("br"))
        #expect(document.visibleSiblings(catalog).map(\.edit.value) == [.string("de")])
        #expect(document.visibleSiblings(catalog).map(\.reason) == [.overtaken])
        // Whoever writes having seen both decides.
        try document.take(UserEdit("user.language", .set, .string("oc")), at: 12, seen: 1, catalog)
        #expect(document.values(catalog)["user.language"] == .string("oc"))
        #expect(document.visibleSiblings(catalog).isEmpty)
    }

    @Test func `a rejected edit is kept, told with its reason, and does not hold up the next`() throws {
        let policy = PolicyBody(values: [
            "setWallpaperDisabled": .bool(true), "maximumTimeToLock": .integer(60_000),
            "displaySettings.screenBrightnessSettings.screenBrightnessMode": .string("BRIGHTNESS_FIXED"),
        ])
        let bounds = bounds(policy)
        var document = UserDocument(enrolment: 1, epoch: 1)
        let timeout = "displaySettings.screenTimeoutSettings.screenTimeout"
        let edits: [(UserEdit, UserRejection.Reason?)] = [
            (UserEdit("user.wallpaperSha256", .set, .string("aa")), .gateClosed),
            (UserEdit(timeout, .set, .string("120s")), .outOfBounds),
            (UserEdit(timeout, .set, .string("30s")), nil),
            (UserEdit("displaySettings.screenBrightnessSettings.screenBrightness", .set, .integer(9)), .gateClosed),
            (UserEdit("cameraAccess", .set, .string("CAMERA_ACCESS_DISABLED")), .notWritable),
            (UserEdit("nothing", .set, .bool(true)), .unknownSetting),
            (UserEdit("user.fontScalePercent", .set, .string("big")), .wrongValue),
            (UserEdit("user.favouriteApps", .set, .array([])), .wrongValue),
            (UserEdit("user.homeScreenLayout", .set, .string(String(repeating: "x", count: 65_530))), .tooLarge),
            (UserEdit("user.language", .set, .string("br")), nil),
        ]
        let sent = edits.enumerated().map { DeviceEdit(number: UInt64($0) + 1, edit: $1.0, seen: 0) }
        let answers = document.take(sent, within: bounds, catalog)
        #expect(answers.map(\.outcome.reason) == edits.map(\.1))
        #expect(document.take(sent, within: bounds, catalog).map(\.outcome) == answers.map(\.outcome))
        #expect(document.values(catalog) == ["user.language": .string("br"), timeout: .string("30s")])
        #expect(document.visibleSiblings(catalog).count == edits.filter { $0.1 != nil }.count)
        #expect(bounds.inForce(timeout, user: document.values(catalog), catalog) == .string("30s"))
        // A gap is answered, and nothing behind it is taken.
        let late = DeviceEdit(number: 12, edit: UserEdit("user.language", .unset), seen: 0)
        #expect(document.take([late], within: bounds, catalog).map(\.outcome) == [.pending])
        // The same number for another edit is told, not lost.
        let reused = DeviceEdit(number: 10, edit: UserEdit("user.language", .unset), seen: 0)
        #expect(document.take([reused], within: bounds, catalog).map(\.outcome.reason) == [.numberTaken])
    }

    @Test func `an enforced gate is told from one that is merely closed`() throws {
        let key = "displaySettings.screenBrightnessSettings.screenBrightness"
        let gate = "displaySettings.screenBrightnessSettings.screenBrightnessMode"
        var document = UserDocument(enrolment: 1, epoch: 1)
        let closed = bounds(
            PolicyBody(values: ["locationMode": .string("LOCATION_DISABLED")], enforced: ["locationMode"]))
        let edit = DeviceEdit(number: 1, edit: UserEdit("user.locationEnabled", .set, .bool(true)), seen: 0)
        let strategy = catalog.settings["locationMode"]?.strategy.name
        let expected: UserRejection.Reason = strategy == "priority" ? .enforced : .gateClosed
        #expect(document.take([edit], within: closed, catalog).map(\.outcome.reason) == [expected])
        // A follow key whose gate holds takes the user's value, also where no policy sets either.
        let laid = UserOverlay.lay([key: .integer(7)], over: [:], catalog: catalog)
        #expect(laid[key] == .integer(7))
        #expect(
            UserOverlay.lay([key: .integer(7)], over: [gate: .string("BRIGHTNESS_FIXED")], catalog: catalog)[key] == nil
        )
    }

    @Test func `a document goes with its device through enrolments, and to the terminal that replaces it`() throws {
        var old = UserDocument(enrolment: 1, epoch: 1)
        let edits = [
            UserEdit("user.language", .set, .string("br")),
            UserEdit("user.favouriteApps", .add, .array([.string("fr.map"), .string("fr.mail")])),
        ]
        _ = old.take(
            edits.enumerated().map { DeviceEdit(number: UInt64($0) + 1, edit: $1, seen: 0) }, within: open, catalog)
        let values = old.values(catalog)
        old.begin(enrolment: 20, epoch: 2, catalog)
        #expect(old.values(catalog) == values)
        #expect((old.number, old.revision, old.epoch) == (0, 20, 2))
        let again = DeviceEdit(number: 1, edit: UserEdit("user.language", .set, .string("oc")), seen: 20)
        _ = old.take([again], within: open, catalog)
        var new = UserDocument(enrolment: 30, epoch: 1)
        let own = UserEdit("user.favouriteApps", .add, .array([.string("fr.new")]))
        _ = new.take([DeviceEdit(number: 1, edit: own, seen: 0)], within: open, catalog)
        let refused = DeviceEdit(number: 2, edit: UserEdit("user.fontScalePercent", .set, .string("big")), seen: 20)
        _ = old.take([refused], within: open, catalog)
        try new.take(from: old, at: 40, catalog)
        #expect(new.visibleSiblings(catalog).map(\.edit) == [refused.edit])
        #expect(new.values(catalog)["user.language"] == .string("oc"))
        #expect(
            new.values(catalog)["user.favouriteApps"]
                == .array([.string("fr.mail"), .string("fr.map"), .string("fr.new")]))
        #expect(new.revision == 40)
    }

    @Test func `after a restore the device's own word counts, and what it had not seen stays`() throws {
        var generator = SeededGenerator(for: "restated user documents")
        for _ in 0..<200 {
            let history = History(using: &generator)
            var whole = UserDocument(enrolment: 1, epoch: 1)
            var restored = whole
            let cut = Int.random(in: 0...history.steps.count, using: &generator)
            for (index, step) in history.steps.enumerated() {
                try take(step, into: &whole)
                if index < cut { try take(step, into: &restored) }
            }
            // The device had seen all of it; the backup had the beginning.
            restored.restate(
                whole.values(catalog), number: whole.number, seen: restored.revision, epoch: 2, catalog)
            #expect(restored.values(catalog) == whole.values(catalog))
            #expect((restored.number, restored.epoch) == (whole.number, 2))
        }
        var document = UserDocument(enrolment: 1, epoch: 1)
        try document.take(UserEdit("user.favouriteApps", .add, .array([.string("unseen")])), at: 9, seen: 0, catalog)
        document.restate(["user.favouriteApps": .array([.string("own")])], number: 3, seen: 5, epoch: 2, catalog)
        #expect(document.values(catalog)["user.favouriteApps"] == .array([.string("own"), .string("unseen")]))
    }

    private func bounds(_ body: PolicyBody) -> UserBounds {
        let layer = Layer(contributor: Contributor(name: "baseline", priority: 10), body: body, seq: 1)
        return UserBounds(Resolver.resolve([layer], catalog: catalog), catalog)
    }
}

extension UserAnswer.Outcome {
    fileprivate var reason: UserRejection.Reason? {
        if case .rejected(let rejection) = self { rejection.reason } else { nil }
    }
}
