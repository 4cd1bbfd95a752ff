/// What to answer a device that checks in.
public enum SyncDecision: Hashable, Sendable {
    /// It holds what it must hold, or could not apply it and was told so.
    case unchanged
    /// The same, but its user document was written to elsewhere since.
    case userOnly
    /// It gets the whole document.
    case full
    /// It gets the whole document, and forgets what it knew of another incarnation of the log.
    case reset
    /// It has verified a version this server does not have: it gets nothing, and must ask again soon.
    case ahead

    /// What is true of a device at one World.
    public struct Current: Hashable, Sendable {
        public let epoch: UInt64
        public let seq: Seq
        public let digest: Digest
        /// Revision of the device's user document.
        public let user: Seq

        public init(epoch: UInt64, seq: Seq, digest: Digest, user: Seq = 0) {
            self.epoch = epoch
            self.seq = seq
            self.digest = digest
            self.user = user
        }
    }

    /// Not modified iff all parts of the tag match and the device holds what the tag says it holds.
    public static func decide(tag: Cursor?, have: Have?, current: Current) -> SyncDecision {
        if let have, have.isAhead(of: current) { return .ahead }
        guard let have, have.epoch == current.epoch || have.digest == nil else { return have == nil ? .full : .reset }
        guard let tag, tag.epoch == current.epoch, tag.offered == DigestPrefix(current.digest), tag.commands == "0",
            tag.held == have.digest.map(DigestPrefix.init)
        else { return .full }
        return tag.user == current.user ? .unchanged : .userOnly
    }

    /// The same for a device that reports: it says in full what it holds and what it could not apply.
    public static func decide(have: Have, failed: Digest?, current: Current) -> SyncDecision {
        if have.isAhead(of: current) { return .ahead }
        if have.epoch != current.epoch, have.digest != nil { return .reset }
        return have.digest == current.digest || failed == current.digest ? .unchanged : .full
    }
}

extension Have {
    /// Whether the device verified what this server does not have: a later version, or a later incarnation of the log.
    fileprivate func isAhead(of current: SyncDecision.Current) -> Bool {
        epoch > current.epoch || epoch == current.epoch && version > current.seq
    }
}
