import SyncCore
import SyncStore

/// What anybody may ask of the log and the World.
extension Engine {
    /// Who decided each setting of a device, for one that the operator may see.
    ///
    /// - Parameter world: the one to look at; the present one when absent.
    public func explain(
        _ id: DeviceID, for reader: Operator, in world: World? = nil
    ) throws(Refusal) -> Resolution {
        let world = world ?? snapshot.world
        guard let device = world.devices[id], reader.denial(of: .read(device.unit)) == nil else {
            throw .unknownDevice(id.description)
        }
        return world.resolve(world.policyClass(of: device))
    }

    /// A page of the log, with what was known of the log when it was read.
    public struct LogPage: Sendable {
        /// The position that the page comes after.
        public let after: Seq
        /// From where on the log is kept; nil while all of it is.
        public let floor: Floor?
        /// In order; the first and the last may be parts of their transactions.
        public let parts: [TransactionPart]

        /// The position that the next page comes after.
        public var next: Seq { parts.last?.entries.last?.seq ?? after }
    }

    /// The log's entries after a position, as they stand there; after its floor where none is stated.
    public func log(after stated: Seq?, atMost bound: PageBound) async throws(Refusal) -> LogPage {
        do {
            return try await store.read { reader in
                let floor = try reader.floor()
                let after = stated ?? floor?.seq ?? 0
                return LogPage(after: after, floor: floor, parts: try reader.entries(after: after, atMost: bound))
            }
        } catch {
            throw Refusal(reading: error)
        }
    }

    /// From where on the log is kept; nil while all of it is.
    public var floor: Floor? { past.floor }

    /// The latest transactions that wrote to a subject, and whether older ones are left out for their bytes.
    public func history(
        of subject: String, limit: Int, bytes: Int
    ) async throws -> ([Transaction], isCut: Bool) {
        try await store.read { try $0.history(of: subject, limit: limit, bytes: bytes) }
    }

    /// The log's head on disk: asked through the store, so that an answer proves that the store answers.
    public func head() async throws -> Head { try await store.read { try $0.head() } }

    /// The last report of a device.
    public func report(of id: DeviceID) async throws -> StoredReport? { try await store.read { try $0.report(of: id) } }
}

extension Refusal {
    /// What a reader is told of the store's error.
    public init(reading error: any Error) {
        if let refusal = error as? Refusal {
            self = refusal
        } else if let error = error as? StoreError, case .compacted(let floor) = error {
            self = .compacted(floor: floor)
        } else if let error = error as? StoreError, case .unreadable(let what) = error {
            self = .unreadable(what)
        } else {
            self = .unavailable
        }
    }
}
