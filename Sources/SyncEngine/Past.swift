import SyncCore
import SyncStore
import Synchronization

/// A moment of the log.
public enum Moment: Hashable, Sendable {
    case position(Seq)
    /// Milliseconds since 1970: what was in force then by the server's clock.
    case time(Int64)
}

/// Worlds of the past, made from the log again, starting from the one at its floor.
///
/// Resolving at a position always gives what it gave then, because a World is made of nothing but the entries before it.
/// The work is linear in the log and runs on a reading connection of the store, of which there are few.
final class Past: Sendable {
    private struct State {
        /// The World that the log begins with: empty, or the one at the floor. Nil until somebody asks for it.
        var beginning: World?
        var floor: Floor?
        var recent: [World] = []
    }

    /// Worlds kept for who asks several questions about one moment.
    private static let kept = 4

    private let store: any Store
    private let state: Mutex<State>
    /// Held while the beginning is made, so that two who ask for it do not both make it.
    private let making = Mutex(())

    init(store: any Store, beginning: World?, floor: Floor?) {
        self.store = store
        state = Mutex(State(beginning: beginning, floor: floor))
    }

    /// From where on the log is kept; nil while all of it is.
    var floor: Floor? { state.withLock { $0.floor } }

    /// The log begins later now. Whoever looks before that is refused, also where a World of then is at hand.
    func begin(at floor: Floor, with world: World) {
        state.withLock { state in
            state.beginning = world
            state.floor = floor
            state.recent.removeAll { $0.seq < floor.seq }
        }
    }

    /// - Throws: `StoreError.compacted` for a moment below the floor, or another error of the store.
    func world(at moment: Moment, from present: World) async throws -> World {
        let seq = try await position(of: moment)
        if let known = state.withLock({ state in state.recent.first { $0.seq == seq && $0.epoch == present.epoch } }) {
            return known
        }
        let world = try await store.read { reader in try self.replay(to: seq, in: reader, as: present) }
        state.withLock { state in
            guard seq >= state.floor?.seq ?? 0 else { return }
            state.recent.insert(world, at: 0)
            state.recent = Array(state.recent.prefix(Self.kept))
        }
        return world
    }

    private func position(of moment: Moment) async throws -> Seq {
        switch moment {
        case .time(let time): return try await store.read { try $0.position(at: time) }
        case .position(let seq):
            if let floor, seq < floor.seq { throw StoreError.compacted(floor: floor.seq) }
            return seq
        }
    }

    /// The World at a position, made inside one read.
    func replay(to seq: Seq, in reader: any StoreReader, as present: World) throws -> World {
        var world = try beginning(in: reader, as: present)
        guard world.seq <= seq else { throw StoreError.compacted(floor: world.seq) }
        while world.seq < seq {
            let page = try reader.transactions(after: world.seq, limit: 2_000)
            guard !page.isEmpty else { break }
            for transaction in page where world.seq < seq { world.apply(transaction, upTo: seq) }
        }
        return world
    }

    /// The World that the log begins with, as this read sees the log: it may have been compacted since, or just now.
    func beginning(in reader: any StoreReader, as present: World) throws -> World {
        let floor = try reader.floor()
        return try making.withLock { _ in
            if let known = state.withLock({ $0.floor == floor ? $0.beginning : nil }) { return known }
            let world = try World.atFloor(of: reader, epoch: present.epoch, catalog: present.catalog)
            state.withLock { state in
                if state.floor == floor { state.beginning = world }
            }
            return world
        }
    }
}
