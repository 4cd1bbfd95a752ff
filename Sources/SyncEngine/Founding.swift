import SyncCore
import SyncStore

/// The first transaction of a log: the catalog, and the admin who may appoint everybody else.
public enum Founding {
    /// Writes it into an empty store.
    public static func write(
        to store: any Store, catalog: Catalog, admin: OperatorName, tokenHash: Digest, now: Int64
    ) async throws {
        try await store.write { writer in
            let head = try writer.reader.head()
            var draft = Draft(world: World(epoch: head.epoch, catalog: catalog), author: "system", now: now)
            draft.add(.catalogActivated(catalog.digest))
            draft.add(.operatorAppointed(Operator(name: admin, role: .admin, unit: .root), tokenHash: tokenHash))
            let header = Transaction.Header(
                author: "system", intent: "found", reason: nil, reasonSalt: nil, received: now,
                request: catalog.digest)
            try writer.append(draft.transaction(header, salt: Salt.random))
        }
    }
}
