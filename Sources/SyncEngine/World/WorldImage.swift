import SyncCore
import SyncStore

/// A World as bytes, kept beside the log so that a start need not apply all of it: a cache, and nothing but that.
///
/// Law: the World read back is the one that was written, so that the entries after it have the same outcome. It is used
/// only where it says that it was made by this build, from this log: then there is nothing to be compared but what it
/// names. Everything else, a byte that fell over among it, is reason to apply the log instead.
struct WorldImage: Sendable {
    /// What an image was made by and of.
    struct Origin: Hashable, Sendable {
        /// Names the build: another one may know entries that this one passes over.
        let maker: String
        /// The catalog of that build.
        let catalog: Digest
        let epoch: UInt64
        /// The position of the World.
        let seq: Seq
        /// The hash of the log's entry there.
        let leaf: Digest
    }

    /// Why an image is not used.
    enum Unfit: String, Error, Hashable, Sendable {
        case noImage = "it is none"
        case damaged = "it is damaged"
        case foreign = "it is of another log or build"
        case tooOld = "the log after it was forgotten"
    }

    /// Rises when the bytes come to mean something else.
    private static let mark = Array("consigne world 1".utf8)

    let origin: Origin
    private let lines: [UInt8]
    private let tokens: [UInt8]
    private let devices: [UInt8]

    init(_ world: World, leaf: Digest, maker: String) {
        origin = Origin(
            maker: maker, catalog: world.catalog.digest, epoch: world.epoch, seq: world.seq, leaf: leaf)
        lines = world.linesWithoutFleet.reduce(into: []) { $0 += $1 }
        tokens = world.tokenImage
        devices = world.deviceImage
    }

    /// The mark, the SHA-256 of what follows, and that.
    var bytes: [UInt8] {
        var content = ImageWriter()
        content.write(origin.maker)
        content.write(origin.catalog)
        content.write(origin.epoch)
        content.write(origin.seq)
        content.write(origin.leaf)
        for piece in [lines, tokens, devices] { content.write(piece) }
        return Self.mark + Digest(hashing: content.bytes).bytes + content.bytes
    }

    init(_ bytes: [UInt8]) throws(Unfit) {
        let start = Self.mark.count + Digest.byteCount
        guard bytes.count >= start, bytes.starts(with: Self.mark) else { throw .noImage }
        guard Digest(bytes: Array(bytes[Self.mark.count..<start])) == Digest(hashing: Array(bytes[start...])) else {
            throw .damaged
        }
        var reader = ImageReader(bytes, from: start)
        do throws(DamagedImage) {
            origin = Origin(
                maker: try reader.text(), catalog: try reader.digest(), epoch: try reader.number(),
                seq: try reader.number(), leaf: try reader.digest())
            lines = try reader.piece()
            tokens = try reader.piece()
            devices = try reader.piece()
        } catch {
            throw .damaged
        }
    }

    /// Checks that a log goes on from this World, and that this build would have made it.
    func check(against reader: any StoreReader, maker: String, catalog: Catalog) throws {
        let (head, floor) = (try reader.head(), try reader.floor())
        guard origin.maker == maker, origin.catalog == catalog.digest, origin.epoch == head.epoch,
            origin.seq > 0, origin.seq <= head.seq,
            try reader.leaves(after: origin.seq - 1, limit: 1).first == origin.leaf
        else { throw Unfit.foreign }
        guard origin.seq >= floor?.seq ?? 0 else { throw Unfit.tooOld }
    }

    /// Reads all of it and keeps nothing: a World beside the present one would take as much memory again.
    func check(catalog: Catalog) throws(Unfit) {
        var world = try withoutFleet(catalog)
        do throws(DamagedImage) {
            try World.eachToken(in: tokens) { _ in }
            try world.eachDevice(in: devices) { _, _ in }
        } catch {
            throw .damaged
        }
    }

    /// The World, made on two threads: tokens and devices know nothing of each other.
    func world(catalog: Catalog) async throws(Unfit) -> World {
        let beginning = try withoutFleet(catalog)
        async let withTokens = Self.taking(tokens, into: beginning) { world, image throws(DamagedImage) in
            try world.takeTokens(image)
        }
        let withDevices = Self.taking(devices, into: beginning) { world, image throws(DamagedImage) in
            try world.takeDevices(image)
        }
        guard var whole = withDevices, let other = await withTokens else { throw .damaged }
        whole.tokens = other.tokens
        whole.tokenHashes = other.tokenHashes
        whole.reissuedTokens = other.reissuedTokens
        whole.spendRedeemed()
        return whole
    }

    /// The World without its tokens and devices.
    private func withoutFleet(_ catalog: Catalog) throws(Unfit) -> World {
        do throws(UnreadableLine) {
            let world = try World(
                lines: lines.split(separator: UInt8(ascii: "\n")), epoch: origin.epoch, catalog: catalog)
            if world.seq == origin.seq { return world }
        } catch {}
        throw .damaged
    }

    /// Nil for an image that cannot be read.
    private static func taking(
        _ image: [UInt8], into beginning: World,
        _ take: @Sendable (inout World, [UInt8]) throws(DamagedImage) -> Void
    ) -> World? {
        var world = beginning
        do throws(DamagedImage) {
            try take(&world, image)
            return world
        } catch {
            return nil
        }
    }
}
