import SyncCore
import SyncStore

/// A World's lines as a store keeps them: in pieces of whole lines, and with the hash of all.
struct FloorState: Sendable {
    /// Bytes of a piece: a fleet of 126,000 devices takes 1,300 rows, not one a device and not one of 83 MB.
    private static let pieceBytes = 65_536

    let pieces: [[UInt8]]
    let hash: Digest

    init(_ world: World) {
        var pieces: [[UInt8]] = []
        var piece: [UInt8] = []
        for line in world.lines {
            piece += line
            guard piece.count >= Self.pieceBytes else { continue }
            pieces.append(piece)
            piece = []
        }
        if !piece.isEmpty { pieces.append(piece) }
        self.pieces = pieces
        hash = Digest(hashing: pieces)
    }
}

extension FloorState {
    /// - Throws: `failed` where what was written down would not read back as the World that it is of.
    func check(against world: World) throws(StoreError) {
        let read: World
        do throws(UnreadableLine) {
            read = try World(lines: lines, epoch: world.epoch, catalog: world.catalog)
        } catch {
            throw .failed("the state at \(world.seq) does not read back: line \(error.number): \(error.problem)")
        }
        guard read.seq == world.seq, read.devices.count == world.devices.count,
            read.policies.count == world.policies.count, read.assignments.count == world.assignments.count,
            read.tokens.count == world.tokens.count
        else { throw .failed("the state at \(world.seq) does not read back as it was") }
    }

    private var lines: some Sequence<ArraySlice<UInt8>> {
        pieces.lazy.flatMap { $0.split(separator: UInt8(ascii: "\n")) }
    }
}

extension World {
    /// The World that a store's log begins with: the one at its floor, or the empty one.
    static func atFloor(of reader: any StoreReader, epoch: UInt64, catalog: Catalog) throws(StoreError) -> World {
        guard let floor = try reader.floor() else { return World(epoch: epoch, catalog: catalog) }
        let pieces = try reader.state(from: 0, limit: .max)
        try floor.check(pieces)
        let lines = pieces.lazy.flatMap { $0.split(separator: UInt8(ascii: "\n")) }
        let world: World
        do throws(UnreadableLine) {
            world = try World(lines: lines, epoch: epoch, catalog: catalog)
        } catch {
            throw .unusable("the state at the floor \(floor.seq), line \(error.number): \(error.problem)")
        }
        guard world.seq == floor.seq else {
            throw .unusable("the state at the floor \(floor.seq) says that it is of \(world.seq)")
        }
        return world
    }
}

extension Floor {
    /// - Throws: `unusable` where these are not the bytes that were written down.
    func check(_ pieces: [[UInt8]]) throws(StoreError) {
        guard Digest(hashing: pieces) == state else {
            throw .unusable("the state at the floor \(seq) is damaged: its hash is not \(state.short)")
        }
    }
}
