import SyncCore

/// What a device says of its user document; with nothing in it, the device asks for the document.
public struct UserExchange: Sendable {
    /// The whole document as the device holds it, after it learned that the log is another.
    public struct Statement: Hashable, Sendable {
        /// The incarnation of the log that its revision is of.
        public let epoch: UInt64
        public let revision: Seq
        /// Number of its last edit that is in it.
        public let number: UInt64
        public let values: [String: JSONValue]

        public init(epoch: UInt64, revision: Seq, number: UInt64, values: [String: JSONValue]) {
            self.epoch = epoch
            self.revision = revision
            self.number = number
            self.values = values
        }
    }

    let edits: [DeviceEdit]
    let statement: Statement?
    /// The device has not learned yet that the log is another: what it saw is of the old one.
    let isOfOtherEpoch: Bool
    /// The device says that it holds none, and has none to state.
    let holdsNothing: Bool
    let bounds: UserBounds

    public init(
        edits: [DeviceEdit] = [], statement: Statement? = nil, isOfOtherEpoch: Bool = false, holdsNothing: Bool = false,
        bounds: UserBounds
    ) {
        self.edits = edits
        self.statement = statement
        self.isOfOtherEpoch = isOfOtherEpoch
        self.holdsNothing = holdsNothing
        self.bounds = bounds
    }
}
