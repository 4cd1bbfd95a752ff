import SyncCore

/// Reads one state.
struct MemoryReader: StoreReader {
    let state: MemoryStore.State

    func head() throws(StoreError) -> Head { state.head }

    func transactions(after seq: Seq, limit: Int) throws(StoreError) -> [Transaction] {
        try checkFloor(seq)
        return Array(state.transactions.filter { !$0.entries.isEmpty && $0.lastSeq > seq }.prefix(limit))
    }

    func entries(after seq: Seq, atMost bound: PageBound) throws(StoreError) -> [TransactionPart] {
        try checkFloor(seq)
        var parts: [TransactionPart] = []
        var (count, bytes) = (0, 0)
        for transaction in state.transactions where !transaction.entries.isEmpty && transaction.lastSeq > seq {
            let taken = transaction.entries.filter { $0.seq > seq }.prefix { entry in
                bytes += entry.value.map { CanonicalWriter.bytes(of: $0).count } ?? 0
                count += 1
                return count == 1 || count <= bound.entries && bytes <= bound.bytes
            }
            if !taken.isEmpty {
                parts.append(
                    TransactionPart(
                        header: transaction.header, firstSeq: transaction.firstSeq, lastSeq: transaction.lastSeq,
                        entries: Array(taken)))
            }
            if count > bound.entries || bytes > bound.bytes { break }
        }
        return parts
    }

    func transaction(author: String, intent: String) throws(StoreError) -> Transaction? {
        state.intents[MemoryStore.Intent(author: author, intent: intent)].map { state.transactions[$0] }
    }

    func position(at time: Int64) throws(StoreError) -> Seq {
        let last = state.transactions.last { !$0.entries.isEmpty && $0.header.received <= time }
        if let last { return last.lastSeq }
        return try positionAtFloor(time)
    }

    func lastReceived() throws(StoreError) -> Int64 {
        state.transactions.last { !$0.entries.isEmpty }?.header.received ?? state.floor?.received ?? 0
    }

    func history(of subject: String, limit: Int, bytes: Int) throws(StoreError) -> ([Transaction], isCut: Bool) {
        let touched = state.transactions.compactMap { transaction -> Transaction? in
            let entries = transaction.entries.filter { $0.subject == subject }
            guard !entries.isEmpty else { return nil }
            return Transaction(firstSeq: transaction.firstSeq, header: transaction.header, entries: entries)
        }
        let latest = touched.suffix(limit)
        var (left, count) = (bytes, 0)
        for transaction in latest.reversed() {
            let size = transaction.entries.reduce(0) {
                $0 + ($1.value.map { CanonicalWriter.bytes(of: $0).count } ?? 0)
            }
            guard count == 0 || size <= left else { break }
            (left, count) = (left - size, count + 1)
        }
        return (Array(latest.suffix(count)), count < latest.count)
    }

    func reports(_ body: (StoredReport) -> Void) throws(StoreError) -> Int {
        state.reports.values.forEach(body)
        return 0
    }

    func seen(after device: DeviceID?, limit: Int) throws(StoreError) -> [Seen] {
        let later = state.seen.values.filter { seen in device.map { seen.device > $0 } ?? true }
        return Array(later.sorted { $0.device < $1.device }.prefix(limit))
    }

    func report(of device: DeviceID) throws(StoreError) -> StoredReport? { state.reports[device] }

    func userDocument(of device: DeviceID) throws(StoreError) -> UserDocumentRow? {
        state.userDocuments[device]
    }

    /// Memory has no backups.
    func lastCommon(with epoch: UInt64) throws(StoreError) -> Seq? { nil }
}
