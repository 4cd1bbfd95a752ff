/// What a terminal's user has set, as the server keeps it: the meeting place of edits made on the terminal, often
/// offline, and of those that an operator makes for the user.
///
/// Invariant: the values follow from the writes and from what each author had seen, whatever the order in which they
/// arrived. Every edit that a device sent is in the values, kept as a sibling with the reason, or was overtaken by a
/// write that had seen it.
public struct UserDocument: Hashable, Sendable {
    /// An edit that does not count, for people to see.
    public struct Sibling: Hashable, Sendable {
        public let edit: UserEdit
        /// Its number; 0 where it was no device's.
        public let number: UInt64
        public let claimed: Int64?
        public let reason: UserRejection.Reason
    }

    /// An edit that was answered, so that a repetition gets the same answer.
    struct Answered: Hashable, Sendable {
        let number: UInt64
        let fingerprint: String
        let rejection: UserRejection?
    }

    /// Position of the enrolment within which the device's edits are numbered; 0 before the first.
    public internal(set) var enrolment: Seq
    /// The incarnation of the log in which device and server last agreed on it.
    public internal(set) var epoch: UInt64
    /// Number of the device's last edit that was answered.
    public internal(set) var number: UInt64 = 0
    /// Position of the last log entry that wrote to it: the device has what is in its own edits anyway.
    public internal(set) var revision: Seq = 0
    private(set) var cells: [UserPlace: UserCell] = [:]
    /// Bytes of the cells as they are stored, kept so that an edit costs what it writes and not the whole document.
    private(set) var cellBytes = 0
    var siblings: [Sibling] = []
    var answered: [Answered] = []

    public init(enrolment: Seq, epoch: UInt64, revision: Seq = 0) {
        self.enrolment = enrolment
        self.epoch = epoch
        self.revision = revision
    }

    mutating func write(_ writes: [UserWrite], _ side: UserCell.Side, own: UInt64, seen: UInt64, _ catalog: Catalog) {
        for write in writes {
            var cell = cells[write.place] ?? UserCell()
            cell.take(UserCell.Write(value: write.value, own: own, seen: seen), from: side)
            let keepsTombstones = catalog.hasRecords(write.place)
            put(cell.isSpent(write.place, keepsTombstones: keepsTombstones) ? nil : cell, at: write.place)
        }
    }

    /// The one way in which a cell changes.
    mutating func put(_ cell: UserCell?, at place: UserPlace) {
        cellBytes += (cell?.storedBytes(at: place) ?? 0) - (cells[place]?.storedBytes(at: place) ?? 0)
        cells[place] = cell
    }

    /// Writes, if the document stays within its limits; what was deleted is forgotten first where there is no room.
    ///
    /// - Returns: false, and nothing is written, where there is none all the same.
    mutating func writeWithinLimits(
        _ writes: [UserWrite], _ side: UserCell.Side, own: UInt64, seen: UInt64, _ catalog: Catalog
    ) -> Bool {
        let before = self
        write(writes, side, own: own, seen: seen, catalog)
        if !isWithinLimits { forgetDeleted(catalog) }
        // One from before the limits were these may shrink.
        guard isWithinLimits || (cellBytes <= before.cellBytes && cells.count <= before.cells.count) else {
            self = before
            return false
        }
        return true
    }

    private var isWithinLimits: Bool {
        cells.count <= Limits.userPlaces && cellBytes <= Limits.userDocumentBytes
    }

    /// Forgets deleted records, the longest deleted first, until half of the room is free or none is left: one that is
    /// edited elsewhere, unseen, then comes back with what was edited alone.
    private mutating func forgetDeleted(_ catalog: Catalog) {
        let deleted = cells.compactMap { place, cell -> (place: UserPlace, own: UInt64)? in
            guard place.isPresence, catalog.hasRecords(place),
                case let counts = cell.verdict(isPresence: true).counts, counts?.value == nil
            else { return nil }
            return (place, counts?.own ?? 0)
        }
        guard !deleted.isEmpty else { return }
        let places = Dictionary(grouping: cells.keys) { UserPlace(key: $0.key, member: $0.member) }
        for (place, _) in deleted.sorted(by: { ($0.own, $0.place) < ($1.own, $1.place) }) {
            guard cellBytes > Limits.userDocumentBytes / 2 || cells.count > Limits.userPlaces / 2 else { return }
            for part in places[place] ?? [] { put(nil, at: part) }
        }
    }

    mutating func keep(_ sibling: Sibling) {
        siblings.append(sibling.cut)
        let same = siblings.indices.filter { siblings[$0].edit.key == sibling.edit.key }
        // The oldest ones are let go; they were told to whoever made them.
        for index in same.dropLast(Limits.siblings).reversed() { siblings.remove(at: index) }
        siblings.removeFirst(max(0, siblings.count - Limits.userSiblings))
    }
}

extension UserDocument.Sibling {
    /// What was rejected must not cost more than what is kept: of a large value only the edit is remembered.
    fileprivate var cut: Self {
        // Nor may it come back to a device that could not read it.
        guard let value = edit.value,
            value.hasNull || value.depth > Limits.valueDepth
                || CanonicalWriter.count(of: value) > Limits.userSiblingBytes
        else { return self }
        return Self(
            edit: UserEdit(edit.key, edit.operation), number: number, claimed: claimed, reason: reason)
    }
}

extension Catalog {
    /// Whether a place lies in a list of records, whose deleted ones are remembered: one that is edited elsewhere,
    /// unseen, comes back whole.
    fileprivate func hasRecords(_ place: UserPlace) -> Bool {
        if case .records? = settings[place.key]?.userShape { true } else { false }
    }
}
