import DeviceAgent
import FleetSimulator
import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore
import SyncStoreSQLite
import TestSupport
import Testing

/// User documents between real handsets and a real server: edits made offline and elsewhere, answers lost, policies
/// that open and close what users may set, and a backup that is restored.
@Suite struct UserWalkTests {
    private static let closing: [String: JSONValue] = [
        "deviceConnectivityManagement.configureWifi": .string("DISALLOW_CONFIGURING_WIFI")
    ]

    /// One fleet of handsets beside what each was told and did.
    private final class Walk {
        let server: TestServer
        let catalog: Catalog
        var generator: SeededGenerator
        var handsets: [PlayedHandset] = []
        /// What operators did, by handset: position, what they had seen, the edit.
        var made: [[(seq: Seq, seen: UInt64, edit: UserEdit)]] = []
        /// What users did, by handset, under its number.
        var done: [[DeviceEdit]] = []

        init(_ server: TestServer, _ generator: SeededGenerator) throws {
            self.server = server
            self.generator = generator
            catalog = try Catalog.embedded()
        }

        func enrol(_ count: Int) async throws {
            for number in 0..<count {
                let handset = try PlayedHandset(number, token: server.token, port: server.listener.port)
                try await handset.synchronise()
                handsets.append(handset)
                made.append([])
                done.append([])
            }
        }

        func device(_ index: Int) throws -> Device {
            try #require(server.engine.snapshot.world.device(credentialHash: handsets[index].hash))
        }

        func step() async throws {
            let index = Int.random(in: handsets.indices, using: &generator)
            switch Int.random(in: 0...9, using: &generator) {
            case 0...4:
                handsets[index].edit(
                    edit(), claimed: .random(in: -315_000_000_000...315_000_000_000, using: &generator))
                if let last = handsets[index].handset.user.waiting.last { done[index].append(last) }
            case 5, 6: try await editElsewhere(index)
            case 7 where Int.random(in: 0...2, using: &generator) == 0:
                try await server.publish(Bool.random(using: &generator) ? UserWalkTests.closing : [:])
            default: try await handsets[index].synchronise(losing: Int.random(in: 0...2, using: &generator))
            }
        }

        private func editElsewhere(_ index: Int) async throws {
            let device = try device(index)
            let number = try await server.engine.userDocument(of: device.id)?.number ?? 0
            let seen = Bool.random(using: &generator) ? number : UInt64.random(in: 0...number, using: &generator)
            let edit = edit()
            do throws(Refusal) {
                let receipt = try await server.apply([.editUser(device.id, edit, seen: seen)])
                made[index].append((receipt.transaction.firstSeq, seen, edit))
            } catch {
                guard case .userEditRefused = error else { throw error }
            }
        }

        private func edit() -> UserEdit {
            let name = JSONValue.string(["a", "b", "c"].randomElement(using: &generator) ?? "a")
            return switch Int.random(in: 0...6, using: &generator) {
            case 0: UserEdit("user.language", .set, name)
            case 1: UserEdit("user.language", .unset)
            case 2: UserEdit("user.favouriteApps", .add, .array([name]))
            case 3: UserEdit("user.favouriteApps", .remove, .array([name]))
            case 4: UserEdit("user.wifiNetworks", .put, .object(["ssid": name, "security": name]))
            case 5: UserEdit("user.wifiNetworks", .patch, .object(["ssid": name, "autoConnect": .bool(true)]))
            default: UserEdit("user.wifiNetworks", .remove, .array([name]))
            }
        }

        /// One edit at least is made where the policy leaves nothing to users, whatever the dice say.
        func meetClosedGate() async throws {
            try await server.publish(UserWalkTests.closing)
            handsets[0].edit(UserEdit("user.wifiNetworks", .remove, .array([.string("a")])), claimed: 0)
            if let last = handsets[0].handset.user.waiting.last { done[0].append(last) }
            try await handsets[0].synchronise()
        }

        func settle() async throws {
            for handset in handsets {
                try await handset.synchronise()
                // What came with the first answer is held by the second.
                try await handset.synchronise()
            }
        }

        /// Every handset and the server say the same, and no handset has anything left that was not answered.
        func checkAgreement() async throws {
            for (index, handset) in handsets.enumerated() {
                #expect(handset.handset.fault == nil)
                #expect(handset.handset.user.waiting.isEmpty)
                let kept = try await server.engine.userDocument(of: try device(index).id)
                #expect(handset.handset.user.values(catalog) == kept?.values(catalog) ?? [:])
            }
        }

        /// And it is what the definition makes of all that was done and not rejected.
        func checkDefinition() {
            for (index, handset) in handsets.enumerated() {
                var naive = PlainUserDocument()
                let rejected = Set(handset.handset.user.rejected.map(\.number))
                for edit in done[index] where !rejected.contains(edit.number) {
                    naive.add(edit.edit, isDevice: true, own: edit.number, seen: edit.seen)
                }
                for entry in made[index] { naive.add(entry.edit, isDevice: false, own: entry.seq, seen: entry.seen) }
                #expect(handset.handset.user.values(catalog) == naive.values)
                let answered = Set(handset.answers.map(\.number))
                #expect(done[index].allSatisfy { answered.contains($0.number) }, "an edit was never answered")
            }
        }
    }

    @Test(arguments: [false, true])
    func `what was edited offline and elsewhere meets, whatever is lost on the way`(onDisk: Bool) async throws {
        let generator = SeededGenerator(for: "user documents over the wire")
        let folder = try TemporaryFolder()
        let path = folder.path("store.sqlite")
        if onDisk { try SQLiteStore.create(at: path, epoch: 3) }
        let store: any Store = onDisk ? try SQLiteStore(path: path) : MemoryStore(epoch: 3)
        try await TestServer.with(store) { server in
            let walk = try Walk(server, generator)
            try await walk.enrol(8)
            for _ in 0..<(onDisk ? 300 : 1_500) { try await walk.step() }
            try await walk.meetClosedGate()
            try await walk.settle()
            try await walk.checkAgreement()
            walk.checkDefinition()
            #expect(walk.handsets.contains { !$0.handset.user.rejected.isEmpty }, "no edit met a closed gate")
        }
    }

    @Test func `after a backup is restored a terminal has what was set for it, and goes on`() async throws {
        let folder = try TemporaryFolder()
        let (path, copy, restored) = (folder.path("a.sqlite"), folder.path("copy.sqlite"), folder.path("b.sqlite"))
        try SQLiteStore.create(at: path, epoch: 3)
        let store = try SQLiteStore(path: path)
        let language = ["user.language": JSONValue.string("br")]
        let lot = TestDevice.secret("lot", 3)
        var handsets: [PlayedHandset] = []
        try await TestServer.with(store) { server in
            // One that has heard of nothing yet, and one that replaces another and is not there yet.
            let unaware = try PlayedHandset(1, token: server.token, port: server.listener.port)
            let old = try PlayedHandset(2, token: server.token, port: server.listener.port)
            for handset in [unaware, old] { try await handset.synchronise() }
            let unit = try #require(OrgPath("/g"))
            let delivery = Provision(
                serial: "S3", model: "M", unit: unit, tags: [], tokenHash: Digest(hashing: Array(lot.utf8)),
                expires: 3_000_000_000_000)
            let new = DeviceID(seq: try await server.change([.provision([delivery])]).transaction.firstSeq)
            for handset in [unaware, old] {
                let id = try #require(server.engine.snapshot.world.device(credentialHash: handset.hash)).id
                try await server.change([.editUser(id, UserEdit("user.language", .set, .string("br")))])
            }
            let replaced = try #require(server.engine.snapshot.world.device(credentialHash: old.hash)).id
            try await server.change([.replace(replaced, with: new)])
            _ = try SQLiteStore.backUp(path, to: copy)
            handsets = [unaware]
        }
        try store.close()
        _ = try SQLiteStore.restore(copy, to: restored, now: 9)
        let second = try SQLiteStore(path: restored)
        try await TestServer.with(second) { server in
            let catalog = try Catalog.embedded()
            for handset in handsets { try handset.reconnect(port: server.listener.port) }
            handsets.append(try PlayedHandset(3, token: lot, port: server.listener.port))
            for handset in handsets {
                for _ in 0..<2 { try await handset.synchronise() }
                #expect(handset.handset.user.values(catalog) == language)
                handset.edit(UserEdit("user.language", .set, .string("oc")), claimed: 0)
                try await handset.synchronise()
                #expect(handset.handset.user.waiting.isEmpty)
                let id = try #require(server.engine.snapshot.world.device(credentialHash: handset.hash)).id
                let kept = try await server.engine.userDocument(of: id)
                #expect(kept?.values(catalog) == ["user.language": .string("oc")])
            }
        }
        try second.close()
    }

    @Test(arguments: [true, false])
    func `a terminal that lost its memory is told after a restore what there is, and loses no edit`(
        policyToo: Bool
    ) async throws {
        let folder = try TemporaryFolder()
        let (path, copy, restored) = (folder.path("a.sqlite"), folder.path("copy.sqlite"), folder.path("b.sqlite"))
        try SQLiteStore.create(at: path, epoch: 3)
        let store = try SQLiteStore(path: path)
        var first: PlayedHandset?
        try await TestServer.with(store) { server in
            let handset = try PlayedHandset(1, token: server.token, port: server.listener.port)
            try await handset.synchronise()
            for name in ["a", "b"] {
                handset.edit(UserEdit("user.favouriteApps", .add, .array([.string(name)])), claimed: 0)
            }
            try await handset.synchronise()
            #expect(handset.handset.user.number == 2)
            _ = try SQLiteStore.backUp(path, to: copy)
            first = handset
        }
        try store.close()
        _ = try SQLiteStore.restore(copy, to: restored, now: 9)
        let second = try SQLiteStore(path: restored)
        try await TestServer.with(second) { server in
            let old = try #require(first)
            try old.reconnect(port: server.listener.port)
            // The same terminal without its memory; or only its user document is gone.
            let handset = policyToo ? try PlayedHandset(1, token: server.token, port: server.listener.port) : old
            if !policyToo { handset.loseUserDocument() }
            for _ in 0..<3 { try await handset.synchronise() }
            handset.edit(UserEdit("user.favouriteApps", .add, .array([.string("c")])), claimed: 0)
            for _ in 0..<2 { try await handset.synchronise() }
            #expect(handset.handset.user.waiting.isEmpty)
            #expect(
                handset.handset.user.values(try Catalog.embedded())
                    == ["user.favouriteApps": .array([.string("a"), .string("b"), .string("c")])])
        }
        try second.close()
    }

    @Test func `after a backup is restored every handset states what it has, and all agree again`() async throws {
        let generator = SeededGenerator(for: "user documents and a restore")
        let folder = try TemporaryFolder()
        let (path, copy, restored) = (folder.path("a.sqlite"), folder.path("copy.sqlite"), folder.path("b.sqlite"))
        try SQLiteStore.create(at: path, epoch: 3)
        var handsets: [PlayedHandset] = []
        var held: [[String: JSONValue]] = []
        let store = try SQLiteStore(path: path)
        try await TestServer.with(store) { server in
            let walk = try Walk(server, generator)
            try await walk.enrol(6)
            for _ in 0..<120 { try await walk.step() }
            _ = try SQLiteStore.backUp(path, to: copy)
            for _ in 0..<120 { try await walk.step() }
            try await server.publish([:])
            try await walk.settle()
            for handset in walk.handsets {
                handset.edit(UserEdit("user.language", .set, .string("offline")), claimed: 0)
            }
            held = walk.handsets.map { $0.handset.user.values(walk.catalog) }
            handsets = walk.handsets
        }
        try store.close()
        _ = try SQLiteStore.restore(copy, to: restored, now: 9)
        let second = try SQLiteStore(path: restored)
        try await TestServer.with(second) { server in
            let walk = try Walk(server, generator)
            try await server.publish([:])
            for handset in handsets { try handset.reconnect(port: server.listener.port) }
            walk.handsets = handsets
            for handset in handsets { try await handset.synchronise(losing: 1) }
            try await walk.settle()
            try await walk.checkAgreement()
            #expect(handsets.map { $0.handset.user.values(walk.catalog) } == held)
            #expect(handsets.allSatisfy { $0.handset.epoch == 9 })
        }
        try second.close()
    }
}
