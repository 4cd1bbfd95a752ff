import DeviceAgent
import SyncClient
import SyncCore

/// A fleet of a given size with the real one's proportions: the same for the same number and seed.
public struct Fleet: Sendable {
    /// One handset as the scenario sees it.
    public struct Member: Sendable {
        public let unit: OrgPath
        public let tags: Set<Tag>
        public let secrets: Handset.Secrets

        public var serial: String { secrets.serial }
        public var model: String { secrets.facts.model ?? "" }
    }

    public let seed: UInt64
    public let members: [Member]
    /// Every unit, each after the one above it.
    public let units: [OrgPath]
    /// The unit, of the middle member, that scenarios take where they need one.
    let aim: OrgPath

    private static let labels: [(name: String, percent: Int)] = [("patrol", 30), ("staff", 15), ("spare", 4)]

    public init(size: Int, seed: UInt64) throws {
        self.seed = seed
        let shape = try FleetShape()
        var generator = SplitMix64(seed: seed)
        let total = shape.areas.reduce(0) { $0 + $1.devices }
        var members: [Member] = []
        members.reserveCapacity(size)
        var passed = 0
        for area in shape.areas {
            // The share of an area is the difference of two rounded sums, so that the parts add up to the whole.
            let before = passed * size / total
            passed += area.devices
            for index in 0..<(passed * size / total - before) {
                members.append(
                    try Self.member(
                        area, index: index, number: members.count, shape, seed: seed, using: &generator))
            }
        }
        self.members = members
        aim = Self.aim(of: members)
        units = Set(members.flatMap { $0.unit.selfAndAncestors }).subtracting([.root]).sorted {
            ($0.depth, $0) < ($1.depth, $1)
        }
    }

    /// A fleet with one handset in each of so many units, all of one agency.
    init(classes: Int, seed: UInt64) throws {
        let donors = try Fleet(size: classes, seed: seed)
        var units: Set<OrgPath> = []
        let members = donors.members.enumerated().compactMap { index, donor -> Member? in
            guard let unit = OrgPath("/gendarmerie/r\(index / 100)/u\(index)") else { return nil }
            units.formUnion(unit.selfAndAncestors)
            return Member(unit: unit, tags: [], secrets: donor.secrets)
        }
        let tree = units.subtracting([.root]).sorted { ($0.depth, $0) < ($1.depth, $1) }
        self.init(seed: seed, members: members, units: tree)
    }

    /// The fleet after some members, by number, moved to a unit.
    func moving(_ numbers: Set<Int>, to unit: OrgPath) -> Fleet {
        let members = members.enumerated().map { number, member in
            numbers.contains(number) ? Member(unit: unit, tags: member.tags, secrets: member.secrets) : member
        }
        return Fleet(seed: seed, members: members, units: units + [unit])
    }

    /// The members that one of several processes plays, in the same tree and with the same aim.
    func part(_ share: Share) -> Fleet {
        Fleet(
            seed: seed,
            members: stride(from: share.number - 1, to: members.count, by: share.count).map { members[$0] },
            units: units, aim: aim)
    }

    /// One member in so many, in the same tree.
    func sample(every step: Int) -> Fleet {
        Fleet(
            seed: seed, members: stride(from: 0, to: members.count, by: step).map { members[$0] }, units: units)
    }

    private init(seed: UInt64, members: [Member], units: [OrgPath], aim: OrgPath? = nil) {
        self.seed = seed
        self.members = members
        self.units = units
        self.aim = aim ?? Self.aim(of: members)
    }

    private static func aim(of members: [Member]) -> OrgPath {
        members.isEmpty ? .root : members[members.count / 2].unit
    }

    private static func member(
        _ area: FleetShape.Area, index: Int, number: Int, _ shape: FleetShape, seed: UInt64,
        using generator: inout SplitMix64
    ) throws -> Member {
        let unit = OrgPath("/\(area.agency)/\(area.region)/\(area.area)/u\(index % max(1, area.units) + 1)")
        let isTablet = Int.random(in: 0..<max(1, area.devices), using: &generator) < area.tablets
        let tags = labels.filter { Int.random(in: 0..<100, using: &generator) < $0.percent }.compactMap { Tag($0.name) }
        let facts = try Facts(
            .object([
                "model": .string((isTablet ? shape.tablets : shape.phones).draw(using: &generator)),
                "formFactor": .string(isTablet ? "tablet" : "phone"),
                "apiLevel": .integer(Int64(shape.apiLevels.draw(using: &generator)) ?? 33),
                "patchMonth": .string("2026-10"),
            ]))
        guard let unit else { throw FleetShape.Malformed() }
        let secrets = Handset.Secrets(
            token: Secret.make(using: &generator), credential: Secret.make(using: &generator),
            serial: "S\(seed)-\(number)", facts: facts)
        return Member(unit: unit, tags: Set(tags), secrets: secrets)
    }
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): small, seedable, the same everywhere.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
