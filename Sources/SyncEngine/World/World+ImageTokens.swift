import HashTreeCollections
import SyncCore

/// Tokens in an image: what they grant comes from a few orders, so units and sets of tags are written once.
extension World {
    var tokenImage: [UInt8] {
        var units = SharedValues<OrgPath>()
        var tags = SharedValues<Set<Tag>>()
        var records = ImageWriter()
        records.write(tokens.count)
        for id in tokenHashes.keys.sorted() {
            guard let token = token(id) else { continue }
            records.write(token.id.seq)
            records.write(token.grant.hash)
            records.write(units.number(of: token.grant.unit))
            records.write(tags.number(of: token.grant.tags))
            records.write(signed: Int64(token.grant.uses))
            records.write(signed: token.grant.expires)
            records.write(token.device?.seq ?? 0)
            records.write(token.isRevoked ? 1 : 0)
            records.write(token.redemptions.count)
            for (credential, device) in token.redemptionsInOrder {
                records.write(credential)
                records.write(device.seq)
            }
        }
        var image = ImageWriter()
        image.write(units)
        image.write(tags)
        return image.bytes + records.bytes
    }

    mutating func takeTokens(_ image: [UInt8]) throws(DamagedImage) {
        try Self.eachToken(in: image) { add($0) }
    }

    /// Reads one token after the other, which need not all be kept.
    static func eachToken(in image: [UInt8], _ body: (Token) -> Void) throws(DamagedImage) {
        var reader = ImageReader(image)
        let (units, tags) = (try reader.units(), try reader.tagSets())
        for _ in 0..<(try reader.count()) {
            let id = TokenID(seq: try reader.number())
            let grant = EnrolmentToken(
                hash: try reader.digest(), unit: try reader.one(of: units), tags: try reader.one(of: tags),
                uses: Int(try reader.signed()), expires: try reader.signed(), device: try reader.deviceIfAny())
            var token = Token(id: id, grant: grant, isRevoked: try reader.number() == 1)
            for _ in 0..<(try reader.count()) {
                let credential = try reader.digest()
                token.redemptions.add(credential, DeviceID(seq: try reader.number()))
            }
            body(token)
        }
        guard reader.isAtEnd else { throw reader.damage }
    }
}

extension Token {
    fileprivate var redemptionsInOrder: [(credential: Digest, device: DeviceID)] {
        redemptions.sorted { ($0.device, $0.credential.description) < ($1.device, $1.credential.description) }
    }
}

extension ImageWriter {
    mutating func write(_ units: SharedValues<OrgPath>) {
        write(units.values.count)
        for unit in units.values { write(unit.text) }
    }

    mutating func write(_ sets: SharedValues<Set<Tag>>) {
        write(sets.values.count)
        for set in sets.values { write(set.sorted().map(\.text).joined(separator: ",")) }
    }
}

extension ImageReader {
    fileprivate mutating func deviceIfAny() throws(DamagedImage) -> DeviceID? {
        let seq = try number()
        return seq == 0 ? nil : DeviceID(seq: seq)
    }

    mutating func units() throws(DamagedImage) -> [OrgPath] {
        try shared { reader throws(DamagedImage) in OrgPath(try reader.text()) }
    }

    mutating func tagSets() throws(DamagedImage) -> [Set<Tag>] {
        try shared { reader throws(DamagedImage) in
            let names = try reader.text().split(separator: ",")
            let tags = Set(names.compactMap { Tag($0) })
            return tags.count == names.count ? tags : nil
        }
    }
}
