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

    /// - Throws: `StoreError.unusable` also where an image would do but the state at the floor is damaged: what is true
    ///   must be there.
    static func make(of store: any Store, catalog: Catalog, maker: String, logger: Logger) async throws -> Start {
        async let floor = store.read { try $0.checkedFloor() }
        if let world = await fromImage(of: store, catalog: catalog, maker: maker, logger: logger) {
            let known = try await floor
            let present = try await applied(store, to: world)
            return Start(world: present, floor: known, beginning: nil, image: world.seq)
        }
        let known = try await floor
        let beginning = try await store.read { reader in
            try World.atFloor(of: reader, epoch: try reader.head().epoch, catalog: catalog)
        }
        return Start(world: try await applied(store, to: beginning), floor: known, beginning: beginning, image: 0)
    }

    /// Nil where there is none that fits. What is wrong with it is worth a line and nothing more.
    private static func fromImage(
        of store: any Store, catalog: Catalog, maker: String, logger: Logger
    ) async -> World? {
        do {
            guard let bytes = try await store.image() else { return nil }
            let image = try WorldImage(bytes)
            try await store.read { try image.check(against: $0, maker: maker, catalog: catalog) }
            return try await image.world(catalog: catalog)
        } catch {
            let reason = (error as? WorldImage.Unfit)?.rawValue ?? "\(error)"
            logger.notice("the image of the log is not used: the log is read", metadata: ["reason": "\(reason)"])
            return nil
        }
    }

    private static func applied(_ store: any Store, to beginning: World) async throws -> World {
        var world = beginning
        let head = try await store.read { try $0.head() }
        while world.seq < head.seq {
            let after = world.seq
            let page = try await store.read { try $0.transactions(after: after, limit: 2_000) }
            guard !page.isEmpty else {
                throw StoreError.failed("the log ends at \(after), before its head \(head.seq)")
            }
            for transaction in page { world.apply(transaction) }
        }
        return world
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
