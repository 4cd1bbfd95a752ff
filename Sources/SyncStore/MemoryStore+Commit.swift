import SyncCore

extension MemoryStore.State {
    /// Takes a commit whole; or leaves all as it is.
    mutating func take(_ commit: Commit) throws(StoreError) -> Commit.Outcome {
        let others = commit.userDocuments.filter { (userDocuments[$0.device]?.version ?? 0) != $0.replacing }
        let isLate = !commit.transactions.isEmpty && commit.head != head
        guard !isLate, others.isEmpty else { return .moved(head: head, userDocuments: Set(others.map(\.device))) }
        try checkIntents(of: commit.transactions)
        for transaction in commit.transactions { append(transaction) }
        for report in commit.reports { keep(report) }
        for write in commit.userDocuments {
            userDocuments[write.device] = UserDocumentRow(version: write.replacing + 1, document: write.document)
        }
        seen.merge(commit.seen.map { ($0.device, $0) }) { $1.enrolment < $0.enrolment ? $0 : $1 }
        return .written
    }

    private func checkIntents(of transactions: [Transaction]) throws(StoreError) {
        var known: Set<MemoryStore.Intent> = []
        for header in transactions.map(\.header) {
            let intent = MemoryStore.Intent(author: header.author, intent: header.intent)
            guard known.insert(intent).inserted, intents[intent] == nil else {
                throw .duplicateIntent(author: header.author, intent: header.intent)
            }
        }
    }

    private mutating func append(_ transaction: Transaction) {
        let intent = MemoryStore.Intent(author: transaction.header.author, intent: transaction.header.intent)
        intents[intent] = transactions.count
        transactions.append(transaction)
        head = Head(epoch: head.epoch, seq: transaction.lastSeq)
    }

    private mutating func keep(_ report: StoredReport) {
        if let kept = reports[report.device], report.place <= kept.place { return }
        reports[report.device] = report
    }
}
