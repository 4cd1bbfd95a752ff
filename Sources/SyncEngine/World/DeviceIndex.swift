import HashTreeCollections
import SyncCore

/// Devices in order of id and by unit, so that a page of a list costs what it shows.
///
/// A value of shared parts: a World with one more device copies one chunk.
struct DeviceIndex: Sendable {
    private static let chunk = 1_024

    /// Never an empty one, each in order, and all of one before all of the next.
    private var chunks: [[DeviceID]] = []
    private var units: TreeDictionary<UnitID, TreeSet<DeviceID>> = [:]

    mutating func insert(_ id: DeviceID) {
        // Ids are positions of the log: nearly always it is the last.
        guard let last = chunks.indices.last else { return chunks.append([id]) }
        let place = chunks.partitioningIndex { ($0.last ?? id) >= id }
        guard place < chunks.endIndex else {
            return chunks[last].count < Self.chunk ? chunks[last].append(id) : chunks.append([id])
        }
        let offset = chunks[place].partitioningIndex { $0 >= id }
        guard chunks[place][offset] != id else { return }
        chunks[place].insert(id, at: offset)
        guard chunks[place].count > Self.chunk else { return }
        let half = Self.chunk / 2
        chunks.insert(Array(chunks[place][half...]), at: place + 1)
        chunks[place].removeSubrange(half...)
    }

    mutating func move(_ id: DeviceID, from old: UnitID?, to new: UnitID?) {
        if let old {
            units[old]?.remove(id)
            if units[old]?.isEmpty == true { units[old] = nil }
        }
        if let new { units[new, default: []].insert(id) }
    }

    /// All ids after one, in order.
    func ids(after id: DeviceID?) -> some Sequence<DeviceID> {
        let start = id.map { id in chunks.partitioningIndex { ($0.last ?? id) > id } } ?? 0
        return chunks[start...].lazy.flatMap { $0 }.drop { device in id.map { device <= $0 } ?? false }
    }

    /// How many devices are in some units.
    func count(in units: [UnitID]) -> Int { units.reduce(0) { $0 + (self.units[$1]?.count ?? 0) } }

    /// The ids after one in some units, in order.
    func ids(in units: [UnitID], after id: DeviceID?) -> [DeviceID] {
        units.flatMap { unit in (self.units[unit] ?? []).filter { device in id.map { device > $0 } ?? true } }.sorted()
    }
}

extension RandomAccessCollection {
    /// The first place from which on a condition holds, in a collection in which it holds for all that come after.
    fileprivate func partitioningIndex(where holds: (Element) -> Bool) -> Index {
        var (low, count) = (startIndex, count)
        while count > 0 {
            let half = count / 2
            let middle = index(low, offsetBy: half)
            if holds(self[middle]) {
                count = half
            } else {
                low = index(after: middle)
                count -= half + 1
            }
        }
        return low
    }
}

extension World {
    /// Devices of a unit and those below it, after an id and in order.
    ///
    /// For a small part of the fleet its devices are gathered and sorted; for a large one all are walked through, since
    /// most of them are in it.
    public func devices(under path: OrgPath, after id: DeviceID?) -> AnySequence<Device> {
        guard path != .root else { return AnySequence(deviceIndex.ids(after: id).lazy.compactMap { devices[$0] }) }
        guard let unit = units.id(of: path) else { return AnySequence([]) }
        let inside = units.subtree(of: unit)
        guard deviceIndex.count(in: inside) > devices.count / 8 else {
            return AnySequence(deviceIndex.ids(in: inside, after: id).lazy.compactMap { devices[$0] })
        }
        return AnySequence(
            deviceIndex.ids(after: id).lazy.compactMap { devices[$0] }.filter { path.contains($0.unit) })
    }
}
