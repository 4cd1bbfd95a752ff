import SyncCore
import SyncStore

/// Within which incarnation of the log an entry was written: a leaf names it.
struct Epochs: Sendable {
    /// From where on each begins, in order; of those that begin at one place only the last wrote anything.
    private let begins: [(after: Seq, epoch: UInt64)]

    init(_ reader: SQLiteReader) throws(StoreError) {
        let begins = try reader.all("SELECT after, epoch FROM incarnation ORDER BY after, epoch", []) {
            (after: try $0.natural(0), epoch: try $0.natural(1))
        }
        // A file of an earlier format that was never restored.
        self.begins = begins.isEmpty ? [(Seq(0), try reader.head().epoch)] : begins
    }

    /// Nil where that was not written down: of its first one, in a file of an earlier format that was restored since.
    func epoch(of seq: Seq) -> UInt64? { begins.last { $0.after < seq }?.epoch }
}
