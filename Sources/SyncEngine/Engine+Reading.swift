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

    /// Whole transactions after a position, as they stand in the log.
    public func log(after seq: Seq, limit: Int) async throws -> [Transaction] {
        try await store.read { try $0.transactions(after: seq, limit: limit) }
    }

    /// The latest transactions that wrote to a subject.
    public func history(of subject: String, limit: Int) async throws -> [Transaction] {
        try await store.read { try $0.history(of: subject, limit: limit) }
    }

    /// The log's head on disk: asked through the store, so that an answer proves that the store answers.
    public func head() async throws -> Head { try await store.read { try $0.head() } }

    /// The last report of a device.
    public func report(of id: DeviceID) async throws -> StoredReport? { try await store.read { try $0.report(of: id) } }
}
