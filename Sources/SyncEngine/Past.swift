import SyncCore
import SyncStore
import Synchronization

/// A moment of the log.
public enum Moment: Hashable, Sendable {
    case position(Seq)
    /// Milliseconds since 1970: what was in force then by the server's clock.
    case time(Int64)
}

/// Worlds of the past, made from the log again.
///
/// Resolving at a position always gives what it gave then, because a World is made of nothing but the entries before it.
/// The work is linear in the log and runs on a reading connection of the store, of which there are few.
final class Past: Sendable {
    /// Worlds kept for who asks several questions about one moment.
    private static let kept = 4

    private let store: any Store
    private let recent = Mutex<[World]>([])

    init(store: any Store) { self.store = store }

    /// - Throws: the store's error.
    func world(at moment: Moment, from present: World) async throws -> World {
        let seq: Seq =
            switch moment {
            case .position(let seq): seq
            case .time(let time): try await store.read { try $0.position(at: time) }
            }
        if let known = recent.withLock({ worlds in worlds.first { $0.seq == seq && $0.epoch == present.epoch } }) {
            return known
        }
        let world = try await store.read { reader in
            var world = World(epoch: present.epoch, catalog: present.catalog)
            while world.seq < seq {
                let page = try reader.transactions(after: world.seq, limit: 2_000)
                guard !page.isEmpty else { break }
                for transaction in page where world.seq < seq { world.apply(transaction, upTo: seq) }
            }
            return world
        }
        recent.withLock { worlds in
            worlds.insert(world, at: 0)
            worlds = Array(worlds.prefix(Self.kept))
        }
        return world
    }
}
