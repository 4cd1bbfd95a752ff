import SyncCore

/// From where on a log is kept whole; what came before is there as the state that it made, and as leaf hashes.
///
/// Of a log with the transactions 1-2, 3, 4-6 and a floor at 3, the entries 4 to 6 are left. What came after 3 can be
/// read, what came after 2 cannot. 4 and 5 are no floors: a transaction is kept whole or not at all.
public struct Floor: Hashable, Sendable {
    /// The last position that was forgotten.
    public let seq: Seq
    /// When the transaction that ends there was received, in milliseconds since 1970.
    public let received: Int64
    /// SHA-256 of the state's bytes, all pieces together.
    public let state: Digest

    public init(seq: Seq, received: Int64, state: Digest) {
        self.seq = seq
        self.received = received
        self.state = state
    }
}
