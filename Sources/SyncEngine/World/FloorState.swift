import SyncCore
import SyncStore

/// A World's lines as a store keeps them: in pieces of whole lines, and with the hash of all.
package struct FloorState: Sendable {
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
            read = try World(lines: Self.lines(of: pieces), epoch: world.epoch, catalog: world.catalog)
        } catch {
            throw .failed("the state at \(world.seq) does not read back: line \(error.number): \(error.problem)")
        }
        guard read.seq == world.seq, read.devices.count == world.devices.count,
            read.policies.count == world.policies.count, read.assignments.count == world.assignments.count,
            read.tokens.count == world.tokens.count
        else { throw .failed("the state at \(world.seq) does not read back as it was") }
    }

    fileprivate static func lines(of pieces: [[UInt8]]) -> some Sequence<ArraySlice<UInt8>> {
        pieces.lazy.flatMap { $0.split(separator: UInt8(ascii: "\n")) }
    }

    /// What can be read of a damaged state, written down anew; and what is left out, in words.
    package static func repaired(_ pieces: [[UInt8]], at seq: Seq, catalog: Catalog) -> ([[UInt8]], leftOut: [String]) {
        var unreadable: [UnreadableLine] = []
        let world = World(
            readableOf: lines(of: pieces), at: seq, epoch: 0, catalog: catalog, unreadable: &unreadable)
        return (FloorState(world).pieces, unreadable.map(\.sentence))
    }
}

extension World {
    /// The World that a store's log begins with: the one at its floor, or the empty one.
    ///
    /// - Throws: `unreadable` where it is not what was written: nothing is made of it.
    static func atFloor(of reader: any StoreReader, epoch: UInt64, catalog: Catalog) throws(StoreError) -> World {
        guard let floor = try reader.floor() else { return World(epoch: epoch, catalog: catalog) }
        let pieces = try reader.state(from: 0, limit: .max)
        guard floor.isOf(pieces) else { throw .unreadable("the state at the floor \(floor.seq)") }
        let world: World
        do throws(UnreadableLine) {
            world = try World(lines: FloorState.lines(of: pieces), epoch: epoch, catalog: catalog)
        } catch {
            throw .unreadable("line \(error.number) of the state at the floor \(floor.seq)")
        }
        guard world.seq == floor.seq else { throw .unreadable("the state at the floor \(floor.seq)") }
        return world
    }

    /// What can be read of it, for a server that serves what it can; and which lines are missing, in words.
    ///
    /// - Throws: `unusable` where not even its first line can be read: all devices would be strangers.
    static func readable(
        atFloorOf reader: any StoreReader, epoch: UInt64, catalog: Catalog
    ) throws(StoreError) -> (World, missing: [String]) {
        guard let floor = try reader.floor() else { return (World(epoch: epoch, catalog: catalog), []) }
        let pieces = try reader.state(from: 0, limit: .max)
        var unreadable: [UnreadableLine] = []
        let world = World(
            readableOf: FloorState.lines(of: pieces), at: floor.seq, epoch: epoch, catalog: catalog,
            unreadable: &unreadable)
        guard unreadable.first?.number != 1 else {
            throw .unusable(
                """
                the state at the floor \(floor.seq) is damaged from its first line on: use `consigned restore` with a \
                backup, or see with `consigned repair` what is left of it
                """)
        }
        return (world, unreadable.map(\.sentence))
    }
}

extension Floor {
    /// Whether these are the bytes that were written down.
    func isOf(_ pieces: [[UInt8]]) -> Bool { Digest(hashing: pieces) == state }
}
