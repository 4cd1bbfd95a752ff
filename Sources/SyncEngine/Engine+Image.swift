import SyncCore
import SyncStore

extension Engine {
    /// Keeps an image of the World beside the log, if a start would otherwise have so many entries to apply.
    ///
    /// The World is a value: it is written down on a reading connection's thread while others go on, and nobody waits.
    ///
    /// - Returns: the image's position; nil where there was no need.
    public func keepImage(after entries: UInt64) async throws -> Seq? {
        // An image would hide that something is missing.
        guard gaps.isEmpty, stateDamage.isEmpty else { return nil }
        let world = snapshot.world
        // Below the floor an image is of no use any more: what came after it is gone.
        let kept = imageSeq.withLock { $0 >= floor?.seq ?? 0 ? $0 : 0 }
        guard world.seq > kept, world.seq - kept >= entries else { return nil }
        let image = try await store.read { [maker] reader -> [UInt8]? in
            guard let leaf = try reader.leaves(after: world.seq - 1, limit: 1).first else { return nil }
            let bytes = WorldImage(world, leaf: leaf, maker: maker).bytes
            try WorldImage(bytes).check(catalog: world.catalog)
            return bytes
        }
        guard let image else { return nil }
        try await store.keep(image: image)
        imageSeq.withLock { $0 = max($0, world.seq) }
        return world.seq
    }
}
