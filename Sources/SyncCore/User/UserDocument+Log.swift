extension UserDocument {
    /// Takes an edit that was made elsewhere and is an entry of the log.
    ///
    /// - Parameter seen: the number of the device's last edit that its author had seen.
    /// - Throws: `tooLarge` where the document has no room for it; nothing of it is taken then.
    public mutating func take(
        _ edit: UserEdit, at seq: Seq, seen: UInt64, _ catalog: Catalog
    ) throws(UserRejection) {
        guard writeWithinLimits(try edit.writes(catalog), .log, own: seq, seen: min(seen, number), catalog) else {
            throw .full
        }
        revision = seq
    }

    /// The terminal enrolled anew, or is another one: its edits are numbered anew, and what was set stays.
    ///
    /// - Parameter epoch: the incarnation of the log in which it enrolled: the two agree on all that is here.
    public mutating func begin(enrolment: Seq, epoch: UInt64, _ catalog: Catalog) {
        for (place, cell) in cells {
            let (counts, sibling) = cell.verdict(isPresence: place.isPresence)
            if let sibling = sibling.flatMap({ Sibling(of: place, $0, catalog) }) { keep(sibling) }
            put(counts.map { UserCell(log: UserCell.Write(value: $0.value, own: enrolment, seen: 0)) }, at: place)
        }
        self.enrolment = enrolment
        self.epoch = epoch
        number = 0
        revision = enrolment
        answered = []
    }

    /// The device is told of another incarnation of the log, and has nothing of the one before that it could state.
    ///
    /// Either nothing it did is in here, or it lost what it held of it: all there is can be told to it as new. What it did
    /// itself stays, with what it had seen then: the restored log has all of that.
    ///
    /// - Parameter holdsNothing: the device says that it holds no user document.
    public mutating func goOn(in epoch: UInt64, holdsNothing: Bool) {
        if number == 0 || holdsNothing { self.epoch = epoch }
    }

    /// Takes what was set on another terminal, which this one replaces. What is set here already, unseen there, counts.
    ///
    /// - Throws: `tooLarge` where the two together have no room; nothing of it is taken then.
    public mutating func take(from other: UserDocument, at seq: Seq, _ catalog: Catalog) throws(UserRejection) {
        let writes = other.cells.compactMap { place, cell -> UserWrite? in
            cell.verdict(isPresence: place.isPresence).counts.map { UserWrite(place: place, value: $0.value) }
        }
        guard writeWithinLimits(writes, .log, own: seq, seen: 0, catalog) else { throw .full }
        // Their numbers were the other terminal's.
        for sibling in other.siblings {
            keep(Sibling(edit: sibling.edit, number: 0, claimed: sibling.claimed, reason: sibling.reason))
        }
        revision = seq
    }

    /// The device states its whole document, after a backup of the server was restored: what it had seen of the log,
    /// and all of its own edits, is in it.
    ///
    /// - Parameter seen: the position up to which the device had seen this log.
    public mutating func restate(
        _ values: [String: JSONValue], number: UInt64, seen: Seq, epoch: UInt64, _ catalog: Catalog
    ) {
        for (place, cell) in cells {
            let unseen = cell.log.flatMap { $0.own > seen ? $0 : nil }
            put(unseen.map { UserCell(log: UserCell.Write(value: $0.value, own: $0.own, seen: 0)) }, at: place)
        }
        for (key, value) in values.sorted(by: { $0.key.precedesInBytes($1.key) }) {
            for edit in UserEdit.stating(value, of: key, catalog) {
                do throws(UserRejection) {
                    let writes = try edit.writes(catalog)
                    guard writeWithinLimits(writes, .device, own: number, seen: seen, catalog) else { throw .full }
                } catch {
                    keep(Sibling(edit: edit, number: number, claimed: nil, reason: error.reason))
                }
            }
        }
        self.number = number
        self.epoch = epoch
        answered = []
    }
}

extension UserEdit {
    /// The edits that make a setting of a new document what it is in another.
    static func stating(_ value: JSONValue, of key: String, _ catalog: Catalog) -> [UserEdit] {
        switch catalog.settings[key]?.userShape {
        case .set: [UserEdit(key, .add, value)]
        case .records: (value.array ?? [value]).map { UserEdit(key, .put, $0) }
        case .register, nil: [UserEdit(key, .set, value)]
        }
    }
}
