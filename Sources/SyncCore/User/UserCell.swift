/// What both sides wrote to one place of a user document, as far as the other side had not seen it.
///
/// The terminal and the log each write in an order of their own, and every write says how far its author had seen the
/// other side. Of two writes of which one had seen the other, the later counts. Of two that had not, the terminal's
/// counts: its user sees what he chose, and the other value stays in sight as a sibling. Where the place says whether
/// something is there, the one that says so counts: nobody loses what he added because somebody else removed it unseen.
///
/// No clock takes part, and the order in which writes reach the server does not either.
struct UserCell: Hashable, Sendable {
    struct Write: Hashable, Sendable {
        /// Nil takes away.
        let value: JSONValue?
        /// The number of the device's edit, or the position in the log.
        let own: UInt64
        /// How far its author had seen the other side.
        let seen: UInt64
    }

    enum Side: Hashable, Sendable {
        case device
        case log
    }

    private(set) var device: Write?
    private(set) var log: Write?

    init(device: Write? = nil, log: Write? = nil) {
        self.device = device
        self.log = log
    }

    /// Takes the next write of one side, and lets go what its author, or the other's, had seen.
    mutating func take(_ write: Write, from side: Side) {
        switch side {
        case .device: device = write
        case .log: log = write
        }
        guard let device, let log else { return }
        if log.seen >= device.own {
            self.device = nil
        } else if device.seen >= log.own {
            self.log = nil
        }
    }

    /// The write that counts, and the one beside it that its author had not seen.
    func verdict(isPresence: Bool) -> (counts: Write?, sibling: Write?) {
        guard let device, let log else { return (device ?? log, nil) }
        return isPresence && device.value == nil ? (log, device) : (device, log)
    }

    /// Whether it can be forgotten: nothing is there, and nothing that is still to come would be read otherwise for it.
    func isSpent(_ place: UserPlace, keepsTombstones: Bool) -> Bool {
        place.isPresence && !keepsTombstones && verdict(isPresence: true).counts?.value == nil
    }
}
