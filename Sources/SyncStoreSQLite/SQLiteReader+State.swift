import Foundation
import GRDB
import SyncCore
import SyncStore

extension SQLiteReader {
    func floor() throws(StoreError) -> Floor? {
        guard let row = try rows("SELECT seq, received, state FROM floor WHERE id = 1").first else { return nil }
        do {
            return Floor(seq: try row.natural(0), received: try row.integer(1), state: try row.digest(2))
        } catch {
            throw .failed("the floor cannot be read")
        }
    }

    func state(from index: Int, limit: Int) throws(StoreError) -> [[UInt8]] {
        try all("SELECT piece FROM state WHERE id >= ? ORDER BY id LIMIT ?", [index, limit]) { try $0.bytes(0) }
    }

    func prefix(receivedBy time: Int64) throws(StoreError) -> Seq {
        let younger = try rows("SELECT first_seq FROM txn WHERE received > ? ORDER BY first_seq LIMIT 1", [time]).first
        guard let first = try younger?.natural(0) else { return try head().seq }
        return max(first, 1) - 1
    }

    func leaves(after seq: Seq, limit: Int) throws(StoreError) -> [Digest] {
        let seq = Int64(clamping: seq)
        return try all(
            """
            SELECT seq, hash FROM leaf WHERE seq > ? UNION ALL SELECT seq, leaf FROM entry
            WHERE seq > ? AND seq <= (SELECT seq FROM head WHERE id = 1) ORDER BY seq LIMIT ?
            """, [seq, seq, limit]
        ) { try $0.digest(1) }
    }

    /// The position of a time before all that is kept.
    func positionAtFloor(_ time: Int64) throws(StoreError) -> Seq {
        guard let floor = try floor() else { return 0 }
        guard floor.received <= time else { throw .compacted(floor: floor.seq) }
        return floor.seq
    }
}
