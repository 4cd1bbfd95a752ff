import SyncCore
import SyncStore

/// What one compaction did.
public struct Compaction: Hashable, Sendable {
    public let floor: Floor
    /// How many entries it forgot.
    public let entries: UInt64
}

extension Engine {
    /// Forgets what was received before a time, in milliseconds since 1970, and keeps the World that it made.
    ///
    /// It changes no World, wakes nobody and needs no entry. The new beginning is worked out and written down outside
    /// the writer, on a reading connection; inside it, entries are deleted and pieces stored.
    ///
    /// - Returns: nil where nothing was old enough.
    public func compact(before time: Int64) async throws -> Compaction? {
        let present = snapshot.world
        let next = try await store.read { reader -> Beginning? in
            let before = try reader.floor()
            let seq = try reader.prefix(receivedBy: time - 1)
            guard seq > before?.seq ?? 0, let last = try reader.transactions(after: seq - 1, limit: 1).first else {
                return nil
            }
            let world = try self.past.replay(to: seq, in: reader, as: present)
            let state = FloorState(world)
            // It becomes the only truth: what cannot be read back replaces nothing.
            try state.check(against: world)
            let floor = Floor(seq: seq, received: last.header.received, state: state.hash)
            return Beginning(before: before, floor: floor, world: world, pieces: state.pieces)
        }
        guard let next, try await commit(next) else { return nil }
        return Compaction(floor: next.floor, entries: next.floor.seq - (next.before?.seq ?? 0))
    }

    /// Where the log is to begin, instead of where it does.
    private struct Beginning: Sendable {
        let before: Floor?
        let floor: Floor
        let world: World
        let pieces: [[UInt8]]
    }

    private func commit(_ next: Beginning) async throws -> Bool {
        guard try await store.compact(to: next.floor, replacing: next.before, state: next.pieces) else { return false }
        past.begin(at: next.floor, with: next.world.policies)
        return true
    }
}
