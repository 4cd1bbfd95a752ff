import SyncCore

extension MemoryReader {
    func floor() throws(StoreError) -> Floor? { state.floor }

    func state(from index: Int, limit: Int) throws(StoreError) -> [[UInt8]] {
        Array(state.pieces.dropFirst(index).prefix(limit))
    }

    func prefix(receivedBy time: Int64) throws(StoreError) -> Seq {
        let younger = state.transactions.first { $0.header.received > time }
        return younger.map { $0.firstSeq - 1 } ?? state.head.seq
    }

    func leaves(after seq: Seq, limit: Int) throws(StoreError) -> [Digest] {
        let all = state.leaves + state.transactions.flatMap { $0.entries.map(\.leaf) }
        return Array(all.dropFirst(Int(seq)).prefix(limit))
    }

    func checkFloor(_ seq: Seq) throws(StoreError) {
        if let floor = state.floor, seq < floor.seq { throw .compacted(floor: floor.seq) }
    }

    /// The position of a time before all that is kept.
    func positionAtFloor(_ time: Int64) throws(StoreError) -> Seq {
        guard let floor = state.floor else { return 0 }
        guard floor.received <= time else { throw .compacted(floor: floor.seq) }
        return floor.seq
    }
}
