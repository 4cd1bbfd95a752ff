import SyncCore
import SyncStore

/// Within which incarnation of the log an entry was written: a leaf names it.
struct Epochs: Sendable {
    /// From where on each begins, in order; of those that begin at one place only the last wrote anything.
    private let begins: [(after: Seq, epoch: UInt64)]

    init(_ reader: SQLiteReader) throws(StoreError) {
        begins = try reader.all("SELECT after, epoch FROM incarnation ORDER BY after, epoch", []) {
            (try $0.natural(0), try $0.natural(1))
        }
    }

    /// Nil where that was not written down, as files of earlier formats did not of their first one.
    func epoch(of seq: Seq) -> UInt64? { begins.last { $0.after < seq }?.epoch }
}
