import Foundation
import GRDB
import SyncCore
import SyncStore

extension SQLiteReader {
    func floor() throws(StoreError) -> Floor? {
        guard let row = try rows("SELECT seq, received, state FROM floor WHERE id = 1").first else { return nil }
        guard let state = digest(row["state"]) else { throw .failed("the floor cannot be read") }
        return Floor(seq: Seq(row["seq"] as Int64), received: row["received"], state: state)
    }

    func state(from index: Int, limit: Int) throws(StoreError) -> [[UInt8]] {
        try all("SELECT piece FROM state WHERE id >= ? ORDER BY id LIMIT ?", [index, limit]) { Array($0[0] as Data) }
    }

    func prefix(receivedBy time: Int64) throws(StoreError) -> Seq {
        let younger = try rows("SELECT first_seq FROM txn WHERE received > ? ORDER BY first_seq LIMIT 1", [time]).first
        if let younger { return Seq(younger["first_seq"] as Int64) - 1 }
        return try head().seq
    }

    func leaves(after seq: Seq, limit: Int) throws(StoreError) -> [Digest] {
        try rows(
            """
            SELECT seq, hash FROM leaf WHERE seq > ? UNION ALL SELECT seq, leaf FROM entry
            WHERE seq > ? AND seq <= (SELECT seq FROM head WHERE id = 1) ORDER BY seq LIMIT ?
            """, [Int64(seq), Int64(seq), limit]
        ).compactMap { digest($0["hash"]) }
    }

    /// The position of a time before all that is kept.
    func positionAtFloor(_ time: Int64) throws(StoreError) -> Seq {
        guard let floor = try floor() else { return 0 }
        guard floor.received <= time else { throw .compacted(floor: floor.seq) }
        return floor.seq
    }
}
