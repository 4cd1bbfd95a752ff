import Logging
import SyncCore
import SyncStore

/// The World that an engine starts with: from the image beside the log if it fits, else from the state at the floor;
/// then by the entries that came after.
struct Start {
    let world: World
    let floor: Floor?
    /// The World that the log begins with, where it was made; a start from an image has no need of it.
    let beginning: World?
    /// Position of the image that was used; 0 without one.
    let image: Seq
    /// Positions of entries that could not be read: the World is what the others make of it.
    let gaps: [Seq]

    /// - Throws: `StoreError.unusable` also where an image would do but the state at the floor is damaged: what is true
    ///   must be there.
    static func make(of store: any Store, catalog: Catalog, maker: String, logger: Logger) async throws -> Start {
        async let floor = store.read { try $0.checkedFloor() }
        if let world = try await fromImage(of: store, catalog: catalog, maker: maker, logger: logger) {
            let known = try await floor
            let (present, gaps) = try await applied(store, to: world, logger)
            return Start(world: present, floor: known, beginning: nil, image: world.seq, gaps: gaps)
        }
        let known = try await floor
        let beginning = try await store.read { reader in
            try World.atFloor(of: reader, epoch: try reader.head().epoch, catalog: catalog)
        }
        let (present, gaps) = try await applied(store, to: beginning, logger)
        return Start(world: present, floor: known, beginning: beginning, image: 0, gaps: gaps)
    }

    /// Nil where there is none that fits. What is wrong with it is worth a line and nothing more.
    ///
    /// - Throws: `unusable` where it was made of more than the log has: an image is made of what is on disk.
    private static func fromImage(
        of store: any Store, catalog: Catalog, maker: String, logger: Logger
    ) async throws -> World? {
        do {
            guard let bytes = try await store.image() else { return nil }
            let image = try WorldImage(bytes)
            let (made, head) = (image.origin, try await store.read { try $0.head() })
            guard made.epoch != head.epoch || made.seq <= head.seq else {
                throw StoreError.unusable(
                    """
                    the log is at \(head.epoch).\(head.seq), expected \(made.epoch).\(made.seq) as its image has it: it is \
                    older than what was acknowledged. Put its -wal back, or use `consigned restore`
                    """)
            }
            try await store.read { try image.check(against: $0, maker: maker, catalog: catalog) }
            return try await image.world(catalog: catalog)
        } catch StoreError.unusable(let reason) {
            throw StoreError.unusable(reason)
        } catch {
            let reason = (error as? WorldImage.Unfit)?.rawValue ?? "\(error)"
            logger.notice("the image of the log is not used: the log is read", metadata: ["reason": "\(reason)"])
            return nil
        }
    }

    /// An entry that cannot be read is told and passed over: what it said is missing, all else is served.
    private static func applied(
        _ store: any Store, to beginning: World, _ logger: Logger
    ) async throws -> (World, gaps: [Seq]) {
        var world = beginning
        var gaps: [Seq] = []
        let head = try await store.read { try $0.head() }
        while world.seq < head.seq {
            let after = world.seq
            let (page, unreadable) = try await store.read { try $0.transactionsWithGaps(after: after, limit: 2_000) }
            for seq in unreadable {
                logger.error("an entry of the log cannot be read: it is passed over", metadata: ["seq": "\(seq)"])
            }
            gaps += unreadable
            guard !page.isEmpty else {
                throw StoreError.failed("the log ends at \(after), before its head \(head.seq)")
            }
            for transaction in page { world.apply(transaction) }
        }
        return (world, gaps)
    }
}

extension StoreReader {
    /// The floor, if the state there is what it was.
    fileprivate func checkedFloor() throws(StoreError) -> Floor? {
        guard let floor = try floor() else { return nil }
        try floor.check(try state(from: 0, limit: .max))
        return floor
    }
}
