import HashTreeCollections
import SyncCore

/// The cohorts that have devices, with how many: interned, so that a device keeps a number and not what it stands for.
///
/// Invariant: a cohort without devices is in no table, once whoever asked for its number has entered it or not. A number
/// is given once, so that what is remembered of a cohort that is gone is never taken for another.
struct CohortTable: Sendable {
    struct Entry: Sendable {
        let cohort: Cohort
        /// Enrolled ones.
        var devices: Int
    }

    private(set) var entries: TreeDictionary<CohortID, Entry> = [:]
    private var ids: TreeDictionary<Cohort, CohortID> = [:]
    /// The last number that was given.
    private(set) var last: Int64 = 0

    subscript(id: CohortID) -> Entry? { entries[id] }

    /// The number of a cohort that a device is about to enter.
    mutating func id(of cohort: Cohort) -> CohortID {
        if let id = ids[cohort] { return id }
        last += 1
        let id = CohortID(index: last)
        entries[id] = Entry(cohort: cohort, devices: 0)
        ids[cohort] = id
        return id
    }

    mutating func enter(_ id: CohortID) { entries[id]?.devices += 1 }

    /// The last one to leave takes the cohort away.
    mutating func leave(_ id: CohortID) {
        guard let entry = entries[id] else { return }
        if entry.devices > 1 {
            entries[id]?.devices -= 1
        } else {
            entries[id] = nil
            ids[entry.cohort] = nil
        }
    }
}
