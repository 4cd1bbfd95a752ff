import HashTreeCollections
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
/// The work is linear in the log and runs on a reading connection of the store, of which there are few: one replay at a
/// time, and who asks for the same moment meanwhile shares it. A World of the past shares nothing with the present one,
/// so none is kept that nobody asks for.
final class Past: Sendable {
    typealias Policies = TreeDictionary<PolicyID, Policy>
    private typealias Follower = CheckedContinuation<Result<World, any Error>?, Never>

    private struct State {
        /// The World that the log begins with: empty, or the one at the floor. Nil until somebody asks for it.
        var beginning: World?
        /// Of that World what bases of changes are looked up in; kept, because each is a small part of it.
        var policies: Policies?
        var floor: Floor?
        var recent: [World] = []
        /// Those who wait for a replay that another began.
        var underWay: [Seq: [Follower]] = [:]
        /// Whether somebody looked since the last call of `forgetUnused`.
        var isUsed = false
    }

    /// Worlds kept for who asks several questions about one moment, or compares two.
    private static let kept = 2

    private let store: any Store
    private let gate: Gate
    private let state: Mutex<State>
    /// Held while the beginning is made, so that two who ask for it do not both make it.
    private let making = Mutex(())

    init(store: any Store, gate: Gate, beginning: World?, floor: Floor?) {
        self.store = store
        self.gate = gate
        state = Mutex(State(beginning: beginning, policies: beginning?.policies, floor: floor))
    }

    /// From where on the log is kept; nil while all of it is.
    var floor: Floor? { state.withLock { $0.floor } }

    /// How many Worlds are kept.
    var worldsKept: Int { state.withLock { $0.recent.count + ($0.beginning == nil ? 0 : 1) } }

    /// How many wait for a replay that another began.
    var followers: Int { state.withLock { $0.underWay.values.reduce(0) { $0 + $1.count } } }

    /// The log begins later now. Whoever looks before that is refused, also where a World of then is at hand.
    func begin(at floor: Floor, with policies: Policies) {
        state.withLock { state in
            state.beginning = nil
            state.policies = policies
            state.floor = floor
            state.recent.removeAll { $0.seq < floor.seq }
        }
    }

    /// Lets go what is kept, if nobody has looked at the past since the last call.
    func forgetUnused() {
        state.withLock { state in
            if !state.isUsed { (state.recent, state.beginning) = ([], nil) }
            state.isUsed = false
        }
    }

    /// - Throws: `StoreError.compacted` for a moment below the floor, `Refusal.overloaded` where as many look as may, or
    ///   another error of the store.
    func world(at moment: Moment, from present: World) async throws -> World {
        let seq = try await position(of: moment)
        if let known = recent(seq) { return known }
        if let shared = await joined(seq) {
            // Who began it has gone, and with them the replay.
            if case .failure(let error) = shared, error is CancellationError, !Task.isCancelled {
                return try await world(at: .position(seq), from: present)
            }
            return try shared.get()
        }
        let outcome: Result<World, any Error>
        do {
            outcome = .success(
                try await gate.pass { try await store.read { try self.replay(to: seq, in: $0, as: present) } })
        } catch {
            outcome = .failure(error)
        }
        for follower in finished(seq, outcome) { follower.resume(returning: outcome) }
        return try outcome.get()
    }

    private func recent(_ seq: Seq) -> World? {
        state.withLock { state in
            guard let known = state.recent.first(where: { $0.seq == seq }) else { return nil }
            state.isUsed = true
            return known
        }
    }

    /// What the replay that is under way makes; nil for the first, who must begin it.
    private func joined(_ seq: Seq) async -> Result<World, any Error>? {
        await withCheckedContinuation { continuation in
            let isFirst = state.withLock { state in
                guard state.underWay[seq] != nil else {
                    state.underWay[seq] = []
                    return true
                }
                state.underWay[seq]?.append(continuation)
                return false
            }
            if isFirst { continuation.resume(returning: nil) }
        }
    }

    private func finished(_ seq: Seq, _ outcome: Result<World, any Error>) -> [Follower] {
        state.withLock { state in
            if case .success(let world) = outcome, seq >= state.floor?.seq ?? 0 {
                state.recent = Array(([world] + state.recent).prefix(Self.kept))
                state.isUsed = true
            }
            return state.underWay.removeValue(forKey: seq) ?? []
        }
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
        let floor = try reader.floor()?.seq ?? 0
        guard floor <= seq else { throw StoreError.compacted(floor: floor) }
        var world = try nearest(from: floor, to: seq) ?? beginning(in: reader, as: present)
        while world.seq < seq {
            let page = try reader.transactions(after: world.seq, limit: 2_000)
            guard !page.isEmpty else { break }
            for transaction in page where world.seq < seq { world.apply(transaction, upTo: seq) }
        }
        return world
    }

    /// The latest World at hand from which a position can be reached: whoever walks through the log pays each step once.
    private func nearest(from floor: Seq, to seq: Seq) -> World? {
        state.withLock { state in
            state.recent.filter { (floor...seq).contains($0.seq) }.max { $0.seq < $1.seq }
        }
    }

    /// The policies that the log begins with.
    func policiesAtFloor(in reader: any StoreReader, as present: World) throws -> Policies {
        let floor = try reader.floor()
        if let known = state.withLock({ $0.floor == floor ? $0.policies : nil }) { return known }
        return try beginning(in: reader, as: present).policies
    }

    /// The World that the log begins with, as this read sees the log: it may have been compacted since, or just now.
    private func beginning(in reader: any StoreReader, as present: World) throws -> World {
        let floor = try reader.floor()
        return try making.withLock { _ in
            if let known = state.withLock({ $0.floor == floor ? $0.beginning : nil }) { return known }
            let world = try World.atFloor(of: reader, epoch: present.epoch, catalog: present.catalog)
            state.withLock { state in
                guard state.floor == floor else { return }
                (state.beginning, state.policies, state.isUsed) = (world, world.policies, true)
            }
            return world
        }
    }
}
