import SyncCore

/// What can be asked of a store inside one `read`.
public protocol StoreReader {
    /// How far the log reaches.
    func head() throws(StoreError) -> Head

    /// Whole transactions with at least one entry after a position, in order; at most `limit` transactions.
    ///
    /// - Throws: `compacted` for a position below the floor.
    func transactions(after seq: Seq, limit: Int) throws(StoreError) -> [Transaction]

    /// The same, with what cannot be read left out: of such an entry there are its position and its leaf.
    ///
    /// - Returns: the positions of those entries too, in order.
    func transactionsWithGaps(after seq: Seq, limit: Int) throws(StoreError) -> ([Transaction], gaps: [Seq])

    /// The entries after a position, in order, under their transactions: a page, which may begin and end within one.
    ///
    /// - Throws: `compacted` for a position below the floor.
    func entries(after seq: Seq, atMost bound: PageBound) throws(StoreError) -> [TransactionPart]

    /// The transaction that an author named so; nil if none was accepted.
    func transaction(author: String, intent: String) throws(StoreError) -> Transaction?

    /// The last position that was written at or before a time; 0 before the first.
    ///
    /// - Throws: `compacted` where that position lies below the floor.
    func position(at time: Int64) throws(StoreError) -> Seq

    /// When the last entry was received, in milliseconds since 1970; 0 for an empty log.
    func lastReceived() throws(StoreError) -> Int64

    /// The last transactions above the floor that wrote to a subject, in order, each with its entries on that subject only.
    ///
    /// - Parameter bytes: of values, as they are kept; one transaction is given whatever it has.
    /// - Returns: also whether older ones are left out for their bytes.
    func history(of subject: String, limit: Int, bytes: Int) throws(StoreError) -> ([Transaction], isCut: Bool)

    /// Every report that is kept: the newest of each device, and older ones perhaps.
    ///
    /// - Returns: how many there are that cannot be read.
    @discardableResult
    func reports(_ body: (StoredReport) -> Void) throws(StoreError) -> Int

    /// The newest report of a device.
    func report(of device: DeviceID) throws(StoreError) -> StoredReport?

    /// When devices were last heard of, in order of device, after one of them.
    func seen(after device: DeviceID?, limit: Int) throws(StoreError) -> [Seen]

    /// What a device's user has set; nil if nobody ever set anything.
    func userDocument(of device: DeviceID) throws(StoreError) -> UserDocumentRow?

    /// The last position that this log has in common with one of an earlier incarnation, from which backups were
    /// restored since; nil if none was.
    func lastCommon(with epoch: UInt64) throws(StoreError) -> Seq?

    /// From where on the log is kept; nil while all of it is.
    func floor() throws(StoreError) -> Floor?

    /// Pieces of the state at the floor, in the order they were given, from one of them on.
    func state(from index: Int, limit: Int) throws(StoreError) -> [[UInt8]]

    /// The last position up to which every transaction was received at or before a time.
    ///
    /// It ends a transaction and is never below the floor. A transaction that a wrong clock dated too late holds back
    /// itself and what comes after it; one dated too early takes nothing younger with it.
    func prefix(receivedBy time: Int64) throws(StoreError) -> Seq

    /// The leaf hashes of the entries after a position, in order: kept for ever, those below the floor too.
    func leaves(after seq: Seq, limit: Int) throws(StoreError) -> [Digest]
}

extension StoreReader {
    /// All of the last transactions that wrote to a subject, whatever they have.
    public func history(of subject: String, limit: Int) throws(StoreError) -> [Transaction] {
        try history(of: subject, limit: limit, bytes: .max).0
    }

    /// For a store in which every entry can be read.
    public func transactionsWithGaps(
        after seq: Seq, limit: Int
    ) throws(StoreError) -> ([Transaction], gaps: [Seq]) {
        (try transactions(after: seq, limit: limit), [])
    }
}
