import Foundation
import GRDB
import SyncCore
import SyncStore

/// Reports, of which the newest may be in either table.
extension SQLiteReader {
    func reports(_ body: (StoredReport) -> Void) throws(StoreError) {
        try each("SELECT \(Self.reportColumns) FROM report") { body(report($0)) }
        try each("SELECT \(Self.reportColumns) FROM arrival") { body(report($0)) }
    }

    /// Looks through all that have come lately: who asks for one device waits for that, so that no report pays for an
    /// index.
    func report(of device: DeviceID) throws(StoreError) -> StoredReport? {
        let seq = Int64(device.seq)
        return try all(
            """
            SELECT \(Self.reportColumns) FROM report WHERE device = ?
            UNION ALL SELECT \(Self.reportColumns) FROM arrival WHERE device = ?
            """, [seq, seq], report
        ).max { $0.place < $1.place }
    }

    static let reportColumns = "device, enrolment, number, held, failed, received, body"

    private func report(_ row: Row) -> StoredReport {
        StoredReport(
            device: DeviceID(seq: UInt64(row[0] as Int64)), enrolment: Seq(row[1] as Int64),
            number: UInt64(row[2] as Int64), held: digest(row[3]), failed: digest(row[4]), received: row[5],
            body: Array(row[6] as Data))
    }
}
