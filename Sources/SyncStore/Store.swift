import SyncCore

/// Where the log and the devices' reports are kept.
///
/// The contract, which `StoreConformance` checks on every implementation:
/// - `write` runs alone, with the head locked before its body starts; what it wrote is durable when it returns, and
///   nothing of it is there when it throws.
/// - `read` sees one state, whole transactions only.
/// - Positions are gapless and in commit order.
/// - Of a device's reports the newest counts, whichever order they came in.
/// - `image` gives what `keep` kept last, or nothing: a cache, which may be lost at any time but never comes in halves.
public protocol Store: Sendable {
    func read<T: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> T) async throws -> T
    func write<T: Sendable>(_ body: @escaping @Sendable (any StoreWriter) throws -> T) async throws -> T

    /// The bytes that were kept beside the log to make the next start short; nil where there are none.
    ///
    /// Nothing says that they are of this log: a file may have been put in another's place. Who reads them looks.
    func image() async throws -> [UInt8]?

    /// Keeps such bytes in place of those there are. It takes no part in any transaction and waits for no writer.
    func keep(image: [UInt8]) async throws

    /// Puts the reports into the order of their devices, if at least so many wait for it; changes nothing that can be
    /// read.
    ///
    /// A store that writes reports down in the order in which they come does the rest of the work here, in steps that
    /// others may write between. What was not finished is begun anew.
    func sortReports(atLeast count: Int) async throws
}

/// What can be asked of a store inside `read` or `write`.
public protocol StoreReader {
    /// How far the log reaches.
    func head() throws(StoreError) -> Head

    /// Whole transactions with at least one entry after a position, in order; at most `limit` transactions.
    ///
    /// - Throws: `compacted` for a position below the floor.
    func transactions(after seq: Seq, limit: Int) throws(StoreError) -> [Transaction]

    /// The transaction that an author named so; nil if none was accepted.
    func transaction(author: String, intent: String) throws(StoreError) -> Transaction?

    /// The last position that was written at or before a time; 0 before the first.
    ///
    /// - Throws: `compacted` where that position lies below the floor.
    func position(at time: Int64) throws(StoreError) -> Seq

    /// The transactions above the floor that wrote to a subject, in order, each with its entries on that subject only.
    func history(of subject: String, limit: Int) throws(StoreError) -> [Transaction]

    /// Every report that is kept: the newest of each device, and older ones perhaps.
    func reports(_ body: (StoredReport) -> Void) throws(StoreError)

    /// The newest report of a device.
    func report(of device: DeviceID) throws(StoreError) -> StoredReport?

    /// When devices were last heard of, in milliseconds since 1970, in order of device, after one of them.
    func seen(after device: DeviceID?, limit: Int) throws(StoreError) -> [(device: DeviceID, at: Int64)]

    /// What a device's user has set; nil if nobody ever set anything.
    func userDocument(of device: DeviceID) throws(StoreError) -> UserDocument?

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

/// What can be done to a store inside `write`.
public protocol StoreWriter {
    /// Reads what is there, with what this write has written so far.
    var reader: any StoreReader { get }

    /// Appends a transaction whose first position is the head's next.
    ///
    /// - Throws: `outOfOrder` for any other position, `duplicateIntent` if the author has used the intent.
    func append(_ transaction: Transaction) throws(StoreError)

    /// Keeps a report; unless it is the device's newest, it may be forgotten at once.
    func keep(_ report: StoredReport) throws(StoreError)

    /// Keeps what a device's user has set, in place of what was kept.
    func keep(_ document: UserDocument, of device: DeviceID) throws(StoreError)

    /// Notes when devices were last heard of, in milliseconds since 1970.
    func note(seen: [(device: DeviceID, at: Int64)]) throws(StoreError)

    /// Forgets the transactions at or below a floor, and keeps in their place the state that they made.
    ///
    /// - Throws: `outOfOrder` unless the floor lies above the one there is, not beyond the head, and ends a transaction.
    func compact(to floor: Floor, state: [[UInt8]]) throws(StoreError)
}

/// The last thing a device said of itself.
public struct StoredReport: Hashable, Sendable {
    public let device: DeviceID
    /// Position of the device's enrolment: report numbers count within one.
    public let enrolment: Seq
    public let number: UInt64
    /// The digest of the policy it holds; nil before the first.
    public let held: Digest?
    /// The digest of a policy it could not apply.
    public let failed: Digest?
    /// Milliseconds since 1970, by the server's clock.
    public let received: Int64
    /// The report as it was sent, in canonical form.
    public let body: [UInt8]

    public init(
        device: DeviceID, enrolment: Seq, number: UInt64, held: Digest?, failed: Digest?, received: Int64,
        body: [UInt8]
    ) {
        self.device = device
        self.enrolment = enrolment
        self.number = number
        self.held = held
        self.failed = failed
        self.received = received
        self.body = body
    }

    /// Which of the device's reports it is.
    public var place: ReportPlace { ReportPlace(enrolment: enrolment, number: number) }
}

/// Why a store could not do what was asked.
public enum StoreError: Error, Hashable, Sendable {
    case outOfOrder(expected: Seq, found: Seq)
    case duplicateIntent(author: String, intent: String)
    /// What was asked for lies below the floor: it was forgotten.
    case compacted(floor: Seq)
    /// Another process has the store.
    case inUse
    /// The store is not there, or not one of ours.
    case unusable(String)
    /// The disk failed: whether the last write is durable is unknown, so nothing more may be acknowledged.
    case failed(String)
}
