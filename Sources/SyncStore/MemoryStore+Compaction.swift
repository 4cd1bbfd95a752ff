import SyncCore

extension MemoryStore.State {
    /// Forgets what is at or below a floor.
    mutating func compact(to floor: Floor, _ pieces: [[UInt8]]) throws(StoreError) {
        let (forgotten, kept) = (
            transactions.filter { $0.firstSeq <= floor.seq }, transactions.filter { $0.firstSeq > floor.seq }
        )
        guard let last = forgotten.last(where: { !$0.entries.isEmpty }), last.lastSeq == floor.seq else {
            throw .outOfOrder(expected: head.seq, found: floor.seq)
        }
        leaves += forgotten.flatMap { $0.entries.map(\.leaf) }
        transactions = kept
        intents = Dictionary(
            uniqueKeysWithValues: kept.enumerated().map { index, transaction in
                (MemoryStore.Intent(author: transaction.header.author, intent: transaction.header.intent), index)
            })
        self.pieces = pieces
        self.floor = floor
    }
}
