import SyncCore

extension MemoryWriter {
    func compact(to floor: Floor, state pieces: [[UInt8]]) throws(StoreError) {
        let (forgotten, kept) = (
            state.transactions.filter { $0.firstSeq <= floor.seq },
            state.transactions.filter { $0.firstSeq > floor.seq }
        )
        guard let last = forgotten.last(where: { !$0.entries.isEmpty }), last.lastSeq == floor.seq else {
            throw .outOfOrder(expected: state.head.seq, found: floor.seq)
        }
        state.leaves += forgotten.flatMap { $0.entries.map(\.leaf) }
        state.transactions = kept
        state.intents = Dictionary(
            uniqueKeysWithValues: kept.enumerated().map { index, transaction in
                (MemoryStore.Intent(author: transaction.header.author, intent: transaction.header.intent), index)
            })
        state.pieces = pieces
        state.floor = floor
    }
}
