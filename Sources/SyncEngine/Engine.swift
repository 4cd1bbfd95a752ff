import Logging
import SyncCore
import SyncStore
import Synchronization

/// The engine: one log, the World it makes, and the documents that devices hold. It knows no HTTP.
///
/// A change is acknowledged when it is durable and the World with it is published; what devices resolve to is worked
/// out after that, on first need.
public final class Engine: Sendable {
    public typealias Subscriber = @Sendable (Publication) -> Void

    public let devices: DevicePlane
    /// Enrolments that were refused.
    public let refusals = EnrolmentRefusals()
    let queue: CommitQueue
    let documents: ClassDocuments
    let store: any Store
    /// The server's clock, in milliseconds since 1970.
    public let now: @Sendable () -> Int64
    /// Milliseconds of the machine's running time, from any beginning.
    let running: @Sendable () -> Int64
    let clockWatch: Mutex<ClockWatch>
    private let published: SnapshotBox
    let past: Past
    let pools: WorkerPools
    /// Names the build.
    let maker: String
    /// Position of the image beside the log that a start of this build would use; 0 without one.
    let imageSeq: Mutex<Seq>
    /// Positions of entries that could not be read at the start: what they said is missing until the store is repaired.
    public let gaps: [Seq]
    /// What in the state at the floor was not what was written, in words: missing or wrong until the store is repaired.
    public let stateDamage: [String]
    /// Reports that had been taken at the last look at how many wait to be sorted, and their bytes when they last were
    /// for their bytes' sake.
    private let reportsAtLastLook: Mutex<(count: Int, bytes: Int)>
    private let subscribers: Subscribers
    let tailers = Tailers()
    let logger: Logger
    /// Devices written down in one piece of work, so that a change that comes meanwhile waits for no more.
    private static let seenAtOnce = 2_000
    /// How many times as many reports may wait to be sorted while a herd reports.
    private static let herdPatience = 16

    /// Opens a store: makes the World from the log, or from an image of it and what came after, and brings in what
    /// devices reported.
    ///
    /// - Parameters:
    ///   - maker: names this build, so that no image is used that another one made.
    ///   - pack: compresses a document for the edge that sends it; without it none is.
    ///   - now: the time in milliseconds since 1970.
    ///   - running: milliseconds of the machine's running time, which nobody sets.
    public static func open(
        _ store: any Store, catalog: Catalog, maker: String = "", logger: Logger,
        pack: @escaping PackedBytes.Packer = { _ in nil }, now: @escaping @Sendable () -> Int64,
        running: @escaping @Sendable () -> Int64 = RunningTime.milliseconds
    ) async throws -> Engine {
        let devices = DevicePlane(catalog)
        // Read beside the log: neither needs the other.
        async let heard: Void = devices.load(from: store, now: now(), logger: logger)
        let start = try await Start.make(of: store, catalog: catalog, maker: maker, logger: logger)
        var world = start.world
        let newest = try await store.read { try $0.lastReceived() }
        let watch = ClockWatch(wall: now(), running: running(), newest: newest)
        if watch.isDoubting {
            logger.warning("the clock is more than a day ahead of the newest change: no incident ends for an hour")
        }
        logger.info(
            "the log was read",
            metadata: [
                "seq": "\(world.seq)", "image": "\(start.image)",
                "applied": "\(world.seq - max(start.image, start.floor?.seq ?? 0))",
            ])
        if world.activatedCatalog != catalog.digest { world = try await activate(catalog, in: world, store, now()) }
        try await heard
        return Engine(
            store: store, world: world, start: start, devices: devices, maker: maker, logger: logger, pack: pack,
            now: now, running: running, watch: watch)
    }

    /// A build with another catalog puts it in force by an entry of the log: what devices must hold may change with it.
    private static func activate(
        _ catalog: Catalog, in world: World, _ store: any Store, _ now: Int64
    ) async throws -> World {
        let received = max(now, try await store.read { try $0.lastReceived() })
        var draft = Draft(world: world, author: Author.system, now: now, received: received)
        draft.add(.catalogActivated(catalog.digest))
        let header = Transaction.Header(
            author: Author.system, intent: "catalog/\(catalog.digest)/\(world.seq)", reason: nil, reasonSalt: nil,
            received: received, request: catalog.digest)
        var commit = Commit(after: Head(epoch: world.epoch, seq: world.seq))
        commit.transactions = [draft.transaction(header, salt: Salt.random)]
        guard try await store.commit(commit) == .written else { throw StoreError.inUse }
        return draft.world
    }

    private init(
        store: any Store, world: World, start: Start, devices: DevicePlane, maker: String, logger: Logger,
        pack: @escaping PackedBytes.Packer, now: @escaping @Sendable () -> Int64,
        running: @escaping @Sendable () -> Int64, watch: ClockWatch
    ) {
        let pools = WorkerPools()
        self.pools = pools
        documents = ClassDocuments(on: pools.classes, pack: pack)
        let published = SnapshotBox(Snapshot(world))
        let subscribers = Subscribers()
        self.store = store
        self.now = now
        self.running = running
        clockWatch = Mutex(watch)
        self.logger = logger
        self.subscribers = subscribers
        self.published = published
        self.devices = devices
        self.maker = maker
        past = Past(store: store, gate: pools.replays, beginning: start.beginning, floor: start.floor)
        imageSeq = Mutex(start.image)
        (gaps, stateDamage) = (start.gaps, start.stateDamage)
        reportsAtLastLook = Mutex(devices.reportsTaken)
        queue = CommitQueue(
            store: store, devices: devices, now: now, world: { published.current.world },
            publish: { [tailers, documents] world, transactions in
                Self.publish(world, transactions, in: published, to: subscribers, tailers)
                documents.published(published.current)
            })
    }

    /// Puts a World in the place of the one before it, then tells whom it may concern: in this order, so that whoever
    /// registers first and looks then sleeps through nothing. Runs on the log's lane.
    private static func publish(
        _ world: World, _ transactions: [Transaction], in published: SnapshotBox, to subscribers: Subscribers,
        _ tailers: Tailers
    ) {
        let snapshot = Snapshot(world)
        let before = published.swap(snapshot)
        let reach = Publication.Reach(transactions, from: before.world, to: world)
        if !reach.isEmpty { subscribers.tell(Publication(snapshot: snapshot, reach: reach)) }
        tailers.tell()
    }

    /// The World as it is now.
    public var snapshot: Snapshot { published.current }

    /// The World as it was, or as it is now.
    public func world(at moment: Moment) async throws(Refusal) -> World {
        let present = snapshot.world
        if case .position(let seq) = moment, seq > present.seq { throw .momentAhead(seq, head: present.seq) }
        do {
            return try await past.world(at: moment, from: present)
        } catch {
            throw Refusal(reading: error)
        }
    }

    /// Tells of every new World, after it is published.
    public func subscribe(_ subscriber: @escaping Subscriber) { subscribers.add(subscriber) }

    /// Commits until `close` is called.
    ///
    /// - Throws: the store's error; nothing is acknowledged after it.
    public func run() async throws {
        try await queue.run(from: snapshot.world)
    }

    /// What is kept for who asks again is let go, if nobody has since the last call.
    public func forgetUnused() { past.forgetUnused() }

    /// Takes no more changes; `run` returns when what was taken is done.
    public func close() {
        flushSeen()
        queue.close()
    }

    /// Writes down when devices were last seen.
    public func flushSeen() {
        let seen = devices.takeUnflushed(at: now())
        for start in stride(from: 0, to: seen.count, by: Self.seenAtOnce) {
            queue.submit(Array(seen[start..<min(start + Self.seenAtOnce, seen.count)]))
        }
    }

    /// Has the store put reports into order, if at least so many or so large ones wait for it.
    ///
    /// While a herd reports, so many since the last call, many more may wait: the herd would pay for the work. Bytes count
    /// because a few devices that report as much as they may would fill the disk long before their number did.
    public func sortReports(atLeast count: Int, orBytes bytes: Int) async throws {
        let taken = devices.reportsTaken
        let least = reportsAtLastLook.withLock { last in
            let patience = taken.count - last.count >= count ? Self.herdPatience : 1
            last.count = taken.count
            guard taken.bytes - last.bytes >= bytes * patience else { return count * patience }
            last.bytes = taken.bytes
            return 1
        }
        try await store.sortReports(atLeast: least)
    }
}

/// Where the current World hangs: swapped by one pointer.
final class SnapshotBox: Sendable {
    private let value: Mutex<Snapshot>

    init(_ snapshot: Snapshot) { value = Mutex(snapshot) }

    var current: Snapshot { value.withLock { $0 } }

    /// Puts a new one in place and gives back the old one.
    func swap(_ snapshot: Snapshot) -> Snapshot {
        value.withLock { value in
            defer { value = snapshot }
            return value
        }
    }
}

/// Those who want to know of a new World.
final class Subscribers: Sendable {
    private let list = Mutex<[Engine.Subscriber]>([])

    func add(_ subscriber: @escaping Engine.Subscriber) { list.withLock { $0.append(subscriber) } }

    func tell(_ publication: Publication) {
        for subscriber in list.withLock({ $0 }) { subscriber(publication) }
    }
}
