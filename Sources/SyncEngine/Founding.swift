import SyncCore
import SyncStore

/// The first transaction of a log: the catalog, and the admin who may appoint everybody else.
public enum Founding {
    /// Writes it into an empty store.
    public static func write(
        to store: any Store, catalog: Catalog, admin: OperatorName, tokenHash: Digest, now: Int64
    ) async throws {
        let head = try await store.read { try $0.head() }
        var draft = Draft(world: World(epoch: head.epoch, catalog: catalog), author: Author.system, now: now)
        draft.add(.catalogActivated(catalog.digest))
        draft.add(.operatorAppointed(Operator(name: admin, role: .admin, unit: .root), tokenHash: tokenHash))
        let header = Transaction.Header(
            author: Author.system, intent: "found", reason: nil, reasonSalt: nil, received: now,
            request: catalog.digest)
        var commit = Commit(after: head)
        commit.transactions = [draft.transaction(header, salt: Salt.random)]
        guard head.seq == 0, try await store.commit(commit) == .written else {
            throw StoreError.unusable("the log is not empty: it is at \(head.seq)")
        }
    }
}
