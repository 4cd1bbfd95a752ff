import SyncCore
import SyncStore

extension Store {
    /// Appends transactions after the head there is.
    ///
    /// - Throws: `outOfOrder` also where others wrote between the look at the head and the commit.
    public func append(_ transactions: [Transaction]) async throws {
        let head = try await read { try $0.head() }
        var commit = Commit(after: head)
        commit.transactions = transactions
        guard case .moved(let now, _) = try await self.commit(commit) else { return }
        throw StoreError.outOfOrder(expected: now.seq + 1, found: head.seq + 1)
    }

    /// Writes what devices said, or throws where it has moved.
    func keep(_ fill: (inout Commit) -> Void) async throws {
        var commit = Commit(after: Head(epoch: 0, seq: 0))
        fill(&commit)
        let outcome = try await self.commit(commit)
        guard outcome == .written else { throw StoreError.failed("\(outcome)") }
    }
}
