/// One change set as the log holds it: all of its entries or none.
public struct Transaction: Hashable, Sendable {
    /// What a transaction says of itself, beside its entries.
    public struct Header: Hashable, Sendable {
        /// An operator's name, or `system`, or `device` for what devices do themselves.
        public let author: String
        /// The author's name for this change: sent again, it is answered from the log.
        public let intent: String
        public let reason: String?
        /// Salts the reason's hash in every leaf, for a reason may name people.
        public let reasonSalt: [UInt8]?
        /// Milliseconds since 1970, by the server's clock. For people; nothing is ordered by it.
        public let received: Int64
        /// SHA-256 of what was asked: the same intent with another request is refused.
        public let request: Digest

        public init(
            author: String, intent: String, reason: String?, reasonSalt: [UInt8]?, received: Int64, request: Digest
        ) {
            self.author = author
            self.intent = intent
            self.reason = reason
            self.reasonSalt = reasonSalt
            self.received = received
            self.request = request
        }
    }

    /// Position of its first entry; of the next one to come when it has none (an accepted change that changed nothing).
    public let firstSeq: Seq
    public let header: Header
    public let entries: [Entry]

    public init(firstSeq: Seq, header: Header, entries: [Entry]) {
        self.firstSeq = firstSeq
        self.header = header
        self.entries = entries
    }

    public var lastSeq: Seq { firstSeq + Seq(entries.count) - 1 }
}

/// How far a log reaches.
public struct Head: Hashable, Sendable {
    /// The incarnation of the log; rises on restore.
    public let epoch: UInt64
    public let seq: Seq

    public init(epoch: UInt64, seq: Seq) {
        self.epoch = epoch
        self.seq = seq
    }
}
