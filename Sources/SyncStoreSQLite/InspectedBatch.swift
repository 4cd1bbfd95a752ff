import Dispatch
import GRDB
import SyncCore
import SyncStore
import Synchronization

/// Entries that follow each other, read and to be held against their leaves.
struct InspectedBatch {
    private struct Item {
        let logged: SQLiteReader.LoggedEntry
        let header: SQLiteReader.LoggedHeader
        let epoch: UInt64
    }

    private let reader: SQLiteReader
    private let epochs: Epochs
    /// The last position that was looked at, and the transaction it belongs to.
    private var seq: Seq
    private var transaction: (id: Int64, header: SQLiteReader.LoggedHeader?)?
    private var items: [Item] = []
    private var found = InspectedEntries()
    private var bytes = 0

    /// Enough to keep all processors at work, and little memory beside the largest value.
    private static let (mostItems, mostBytes) = (16_384, 8 << 20)

    init(_ reader: SQLiteReader, after seq: Seq) throws(StoreError) {
        self.reader = reader
        self.seq = seq
        epochs = try Epochs(reader)
    }

    var isFull: Bool { items.count >= Self.mostItems || bytes >= Self.mostBytes }

    mutating func add(_ row: Row) throws(StoreError) {
        let whole = try? reader.entry(row)
        guard let found = try? whole ?? reader.entryOrGap(row), found.entry.seq > seq else { return }
        if transaction?.id != found.transaction { try begin(found.transaction, at: found.entry.seq) }
        missing(upTo: found.entry.seq - 1)
        seq = found.entry.seq
        bytes += (try? row.bytesIfPresent(5))??.count ?? 0
        if let whole { return take(whole) }
        let words = [2, 3].map { (try? row.text($0)) ?? "?" }.joined(separator: " ")
        damaged(found.entry, "\(words): it cannot be read")
    }

    mutating func end(at last: Seq) {
        missing(upTo: last)
        endTransaction()
    }

    private mutating func take(_ logged: SQLiteReader.LoggedEntry) {
        let entry = logged.entry
        guard entry.subject != Entry.unreadable else { return found.leftOut += 1 }
        guard let header = transaction?.header else {
            return damaged(entry, "\(entry.name): its transaction cannot be read")
        }
        guard let epoch = epochs.epoch(of: entry.seq) else { return found.unverifiable += 1 }
        items.append(Item(logged: logged, header: header, epoch: epoch))
    }

    /// What is missing at the border of two transactions belongs to the one whose header says so.
    private mutating func begin(_ id: Int64, at next: Seq) throws(StoreError) {
        if let last = transaction?.header?.lastSeq, last < next { missing(upTo: last) }
        endTransaction()
        let header = try reader.header(id: id)
        transaction = (id, header)
        if header?.firstSeq != seq + 1 { found.damage.append(.header(id: id, firstSeq: seq + 1)) }
    }

    private mutating func endTransaction() {
        guard let (id, header) = transaction, let header, header.lastSeq != seq else { return }
        found.damage.append(.header(id: id, firstSeq: header.firstSeq))
    }

    private mutating func missing(upTo last: Seq) {
        guard last > seq else { return }
        for gap in (seq + 1)...min(last, seq + SQLiteReader.mostMissing) {
            damaged(.unreadable(gap, leaf: Digest(hashing: [])), "it is missing")
        }
        seq = last
    }

    private mutating func damaged(_ entry: Entry, _ words: String) {
        found.damage.append(.entry(seq: entry.seq, transaction: transaction?.id ?? 0, leaf: entry.leaf, words: words))
    }

    /// Hashes what was added since the last call.
    mutating func verified() -> InspectedEntries {
        let isRight = Self.areRight(items)
        for (item, isRight) in zip(items, isRight) {
            if isRight {
                found.verified += 1
            } else {
                found.damage.append(
                    .entry(
                        seq: item.logged.entry.seq, transaction: item.logged.transaction, leaf: item.logged.entry.leaf,
                        words: "\(item.logged.entry.name): it is not what was written"))
            }
        }
        defer { (items, bytes, found) = ([], 0, InspectedEntries()) }
        return found
    }

    private static func areRight(_ items: [Item]) -> [Bool] {
        let piece = 1_024
        let right = Mutex([Bool](repeating: false, count: items.count))
        DispatchQueue.concurrentPerform(iterations: (items.count + piece - 1) / piece) { index in
            let range = index * piece..<min((index + 1) * piece, items.count)
            let found = items[range].map { Leaf.isRight($0.logged.entry, $0.header, $0.epoch) }
            right.withLock { $0.replaceSubrange(range, with: found) }
        }
        return right.withLock { $0 }
    }
}

extension Leaf {
    fileprivate static func isRight(_ entry: Entry, _ header: SQLiteReader.LoggedHeader, _ epoch: UInt64) -> Bool {
        let line = Change.Line(
            subject: entry.subject, key: entry.key, operation: entry.operation, value: entry.value)
        return entry.leaf
            == hash(
                epoch: epoch, firstSeq: header.firstSeq, header: header.header, seq: entry.seq, change: line,
                base: entry.base, outcome: entry.outcome, salt: entry.salt)
    }
}

extension Entry {
    fileprivate var name: String { key.isEmpty ? subject : "\(subject) \(key)" }
}
