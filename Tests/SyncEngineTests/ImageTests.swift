import SyncCore
import SyncProtocol
import SyncStore
import SyncStoreTesting
import TestSupport
import Testing

@testable import SyncEngine

/// A start from an image is a start from the log, only shorter.
@Suite struct ImageTests {
    @Test func `a World read back from its image is the same, and stays so whatever is done to it`() async throws {
        var seeds = SeededGenerator(for: "a World read back from its image is the same")
        for walk in 0..<30 {
            var random = try RandomWorld(SeededGenerator(seed: seeds.next()))
            for _ in 0..<Int.random(in: 1...400, using: &seeds) { _ = random.grow() }
            let bytes = image(of: random.world).bytes
            var again = try await WorldImage(bytes).world(catalog: random.world.catalog)
            try SameWorld.expect(again, random.world, "walk \(walk), read back")
            #expect(image(of: again).bytes == bytes, "walk \(walk): equal Worlds have equal images")
            for _ in 0..<200 {
                guard let (change, stamp) = random.grow() else { continue }
                again.apply(change, stamp)
                again.sortDevices()
            }
            try SameWorld.expect(again, random.world, "walk \(walk), 200 changes later")
        }
    }

    private func image(of world: World) -> WorldImage {
        WorldImage(world, leaf: Digest(hashing: [7]), maker: Bench.maker)
    }

    @Test func `no byte of an image can change unseen, and none can be missing`() async throws {
        var random = try RandomWorld(SeededGenerator(for: "no byte of an image can change unseen"))
        for _ in 0..<150 { _ = random.grow() }
        let bytes = image(of: random.world).bytes
        for offset in bytes.indices {
            var damaged = bytes
            damaged[offset] ^= 1 << UInt8(offset % 8)
            #expect(throws: WorldImage.Unfit.self, "byte \(offset)") { try WorldImage(damaged) }
        }
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: WorldImage.Unfit.self, "\(count) bytes") { try WorldImage(Array(bytes.prefix(count))) }
        }
        #expect(throws: WorldImage.Unfit.damaged) { try WorldImage(bytes + [0]) }
    }

    /// What is damaged and has the right hash all the same is refused too, or is some World: nothing ends the process.
    @Test func `bytes that only pretend to be an image end nothing`() async throws {
        var generator = SeededGenerator(for: "bytes that only pretend to be an image")
        var random = try RandomWorld(SeededGenerator(seed: generator.next()))
        for _ in 0..<150 { _ = random.grow() }
        let (tokens, devices) = (random.world.tokenImage, random.world.deviceImage)
        let empty = World(epoch: 3, catalog: random.world.catalog)
        for _ in 0..<2_000 {
            var (world, damaged) = (empty, (tokens, devices))
            let value = UInt8.random(in: 0...255, using: &generator)
            damaged.0[Int.random(in: 0..<tokens.count, using: &generator)] = value
            damaged.1[Int.random(in: 0..<devices.count, using: &generator)] = value
            try? world.takeTokens(damaged.0)
            try? world.takeDevices(damaged.1)
            try? world.takeDevices(Array(damaged.1.prefix(Int.random(in: 0..<devices.count, using: &generator))))
        }
    }

    @Test func `an image is used by the build and for the log that it is of, and by nobody else`() async throws {
        let store = MemoryStore(epoch: 1)
        var kept: Seq = 0
        try await Bench.with(store) { bench in
            for number in 1...20 { try await bench.change([.provision([bench.row(number, "/g")])]) }
            #expect(try await bench.engine.keepImage(after: 1_000) == nil, "not worth it yet")
            kept = try #require(try await bench.engine.keepImage(after: 10))
            #expect(kept == bench.engine.snapshot.world.seq)
            try await bench.change([.provision([bench.row(21, "/g")])])
            #expect(try await bench.engine.keepImage(after: 10) == nil, "there is one of a moment ago")
        }
        let bytes = try #require(try await store.image())
        try await expectStart(store, image: kept, "as it was kept")
        try await expectStart(store, image: 0, "another build", maker: "other")
        for (world, reason) in try await others(store, kept) {
            try await store.keep(image: world.bytes)
            try await expectStart(store, image: 0, reason)
        }
        try await store.keep(image: bytes)
        try await expectStart(store, image: kept, "put back")
        let restored = try await copied(store, epoch: 2)
        try await restored.keep(image: bytes)
        try await expectStart(restored, image: 0, "another epoch")
        let shorter = try await copied(store, epoch: 1, upTo: kept - 2)
        try await shorter.keep(image: bytes)
        await #expect(throws: StoreError.self, "a log that ends before its image lost what was acknowledged") {
            try await self.start(shorter)
        }
    }

    /// Images that say they are of this log and differ in one thing from the one that is.
    private func others(_ store: MemoryStore, _ kept: Seq) async throws -> [(WorldImage, Comment)] {
        let world = try await start(store).world
        var shorter = World(epoch: 1, catalog: world.catalog)
        let log = try await store.read { try $0.transactions(after: 0, limit: .max) }
        for transaction in log where transaction.lastSeq <= kept { shorter.apply(transaction) }
        let leaf = try #require(log.flatMap(\.entries).first { $0.seq == kept }?.leaf)
        var catalogs = shorter
        catalogs.catalog = try Catalog(settings: [:], digest: Digest(hashing: [9]))
        var epochs = World(epoch: 9, catalog: world.catalog)
        for transaction in log where transaction.lastSeq <= kept { epochs.apply(transaction) }
        return [
            (WorldImage(shorter, leaf: Digest(hashing: [1]), maker: Bench.maker), "another entry at its position"),
            (WorldImage(catalogs, leaf: leaf, maker: Bench.maker), "another catalog"),
            (WorldImage(epochs, leaf: leaf, maker: Bench.maker), "another epoch"),
        ]
    }

    @Test func `an image below the floor is not used, and a new one is made`() async throws {
        let store = MemoryStore(epoch: 1)
        try await Bench.with(store) { bench in
            for number in 1...5 { try await bench.change([.provision([bench.row(number, "/g")])]) }
            let kept = try #require(try await bench.engine.keepImage(after: 1))
            bench.clock.advance(milliseconds: 1_000)
            try await bench.change([.provision([bench.row(6, "/g")])])
            let floor = try #require(try await bench.engine.compact(before: bench.clock.now + 1)).floor
            #expect(floor.seq > kept)
            try await self.expectImage(store, 0, "the log after it is gone")
            let next = try #require(try await bench.engine.keepImage(after: 5), "the one there is counts for nothing")
            try await self.expectImage(store, next, "at the floor")
            // The past is made when somebody asks for it, and is then what it was.
            let past = Past(store: store, gate: Gate(atOnce: 1, waiting: 0), beginning: nil, floor: floor)
            let world = bench.engine.snapshot.world
            try SameWorld.expect(try await past.world(at: .position(floor.seq), from: world), world, "at the floor")
        }
    }

    @Test func `an image that fits stands in for a state at the floor that is damaged, and that is told`() async throws
    {
        let store = MemoryStore(epoch: 1)
        try await Bench.with(store) { bench in
            try await bench.change([.provision([bench.row(1, "/g")])])
            _ = try await bench.engine.keepImage(after: 1)
            let floor = Floor(seq: bench.engine.snapshot.world.seq, received: Bench.now, state: Digest(hashing: [1]))
            #expect(try await store.compact(to: floor, replacing: nil, state: [[2]]))
            let found = try await self.start(store)
            #expect(found.image == floor.seq && found.stateDamage.count == 1 && found.beginning == nil)
            try SameWorld.expect(found.world, bench.engine.snapshot.world, "from the image")
            await #expect(throws: StoreError.self) { try await self.start(store, maker: "another") }
        }
    }

    private func start(_ store: any Store, maker: String = Bench.maker) async throws -> Start {
        try await Start.make(of: store, catalog: try Catalog.embedded(), maker: maker, logger: Bench.logger)
    }

    private func expectStart(
        _ store: any Store, image: Seq, _ place: Comment, maker: String = Bench.maker
    ) async throws {
        let found = try await expectImage(store, image, place, maker: maker)
        let head = try await store.read { try $0.head() }
        var expected = World(epoch: head.epoch, catalog: found.world.catalog)
        for transaction in try await store.read({ try $0.transactions(after: 0, limit: .max) }) {
            expected.apply(transaction)
        }
        try SameWorld.expect(found.world, expected, place)
    }

    @discardableResult
    private func expectImage(
        _ store: any Store, _ image: Seq, _ place: Comment, maker: String = Bench.maker
    ) async throws -> Start {
        let found = try await start(store, maker: maker)
        #expect(found.image == image, place)
        return found
    }

    /// The same entries in another store.
    private func copied(_ store: MemoryStore, epoch: UInt64, upTo end: Seq = .max) async throws -> MemoryStore {
        let copy = MemoryStore(epoch: epoch)
        let log = try await store.read { try $0.transactions(after: 0, limit: .max) }
        try await copy.append(log.filter { $0.lastSeq <= end })
        return copy
    }
}
