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
    var cells: [UserPlace: UserCell] = [:]
    var siblings: [Sibling] = []
    var answered: [Answered] = []

    public init(enrolment: Seq, epoch: UInt64, revision: Seq = 0) {
        self.enrolment = enrolment
        self.epoch = epoch
        self.revision = revision
    }

    mutating func write(_ writes: [UserWrite], _ side: UserCell.Side, own: UInt64, seen: UInt64, _ catalog: Catalog) {
        for write in writes {
            cells[write.place, default: UserCell()].take(
                UserCell.Write(value: write.value, own: own, seen: seen), from: side)
            let keepsTombstones = catalog.hasRecords(write.place)
            if let cell = cells[write.place], cell.isSpent(write.place, keepsTombstones: keepsTombstones) {
                cells[write.place] = nil
            }
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
        guard let value = edit.value, CanonicalWriter.bytes(of: value).count > Limits.userSiblingBytes else {
            return self
        }
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
