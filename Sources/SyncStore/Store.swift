import SyncCore

/// Where the log and the devices' reports are kept.
///
/// The contract, which `StoreConformance` checks on every implementation:
/// - `commit` writes a commit whole or not at all. What it wrote is durable when it returns `written`, and nothing of it is
///   there when it returns `moved` or throws.
/// - `read` sees one state, whole commits only.
/// - Positions are gapless and in commit order.
/// - Of a device's reports the newest counts, whichever order they came in.
/// - `image` gives what `keep` kept last, or nothing: a cache, which may be lost at any time but never comes in halves.
public protocol Store: Sendable {
    func read<T: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> T) async throws -> T

    /// As `read`, for whoever writes next: it never waits behind other reads.
    func lookUp<T: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> T) async throws -> T

    /// Compares what a commit was worked out from, and writes it.
    ///
    /// - Throws: `outOfOrder` and `duplicateIntent` for a commit that nobody may make, `full` where there is no room;
    ///   nothing was written then. `failed` where that is unknown.
    func commit(_ commit: Commit) async throws -> Commit.Outcome

    /// Forgets the transactions at or below a floor, and keeps in their place the state that they made.
    ///
    /// - Parameter before: the floor that the new one is to replace; nil for none.
    /// - Returns: false, with nothing done, where another floor is there.
    /// - Throws: `outOfOrder` unless the floor lies above the one there is, not beyond the head, and ends a transaction.
    func compact(to floor: Floor, replacing before: Floor?, state: [[UInt8]]) async throws -> Bool

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

    /// Why what was written cannot be brought where it is kept for good, although it is on disk; nil where nothing is in
    /// the way. It goes on until the disk is full.
    var checkpointFailure: String? { get }
}

extension Store {
    /// Of a store that has one place for everything.
    public var checkpointFailure: String? { nil }
}
