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
    /// What in the state at the floor is not what was written, in words.
    let stateDamage: [String]

    /// - Throws: `StoreError.unusable` where the state at the floor is damaged from its first line on, and no image does.
    static func make(of store: any Store, catalog: Catalog, maker: String, logger: Logger) async throws -> Start {
        async let checked = store.read { try $0.checkedFloor() }
        let image = try await fromImage(of: store, catalog: catalog, maker: maker, logger: logger)
        let (floor, damage) = try await checked
        if let image {
            let (world, gaps) = try await applied(store, to: image, logger)
            tell(damage, floor, logger)
            return Start(
                world: world, floor: floor, beginning: nil, image: image.seq, gaps: gaps, stateDamage: damage)
        }
        let (beginning, missing) = try await store.read { reader in
            try World.readable(atFloorOf: reader, epoch: try reader.head().epoch, catalog: catalog)
        }
        let (world, gaps) = try await applied(store, to: beginning, logger)
        let all = damage + missing
        tell(all, floor, logger)
        // Whoever asks for the past is told the truth or nothing.
        return Start(
            world: world, floor: floor, beginning: all.isEmpty ? beginning : nil, image: 0, gaps: gaps, stateDamage: all
        )
    }

    private static func tell(_ damage: [String], _ floor: Floor?, _ logger: Logger) {
        for words in damage {
            logger.error(
                "the state at the floor is damaged: what can be read of it is served",
                metadata: ["floor": "\(floor?.seq ?? 0)", "damage": "\(words)"])
        }
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
    /// The floor, and whether the state there is what it was.
    fileprivate func checkedFloor() throws(StoreError) -> (Floor?, damage: [String]) {
        guard let floor = try floor() else { return (nil, []) }
        let isRight = floor.isOf(try state(from: 0, limit: .max))
        return (floor, isRight ? [] : ["its hash is not \(floor.state.short)"])
    }
}
