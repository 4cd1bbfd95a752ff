import GRDB
import SyncCore
import SyncStore

/// Reports, of which the newest may be in either table.
extension SQLiteReader {
    func reports(_ body: (StoredReport) -> Void) throws(StoreError) -> Int {
        var unreadable = 0
        for table in ["report", "arrival"] {
            try each("SELECT \(Self.reportColumns) FROM \(table)") { row in
                if let report = try? report(row) { body(report) } else { unreadable += 1 }
            }
        }
        return unreadable
    }

    /// Looks through all that have come lately: who asks for one device waits for that, so that no report pays for an
    /// index.
    func report(of device: DeviceID) throws(StoreError) -> StoredReport? {
        let seq = Int64(clamping: device.seq)
        return try all(
            """
            SELECT \(Self.reportColumns) FROM report WHERE device = ?
            UNION ALL SELECT \(Self.reportColumns) FROM arrival WHERE device = ?
            """, [seq, seq], report
        ).max { $0.place < $1.place }
    }

    static let reportColumns = "device, enrolment, number, held, failed, received, body"

    /// Whether a report's columns are of their types, found without reading its body.
    static let isReportSound = """
        typeof(device) = 'integer' AND device >= 0 AND typeof(enrolment) = 'integer' AND enrolment >= 0
        AND typeof(number) = 'integer' AND number >= 0 AND typeof(received) = 'integer'
        AND typeof(held) IN ('blob', 'null') AND typeof(failed) IN ('blob', 'null') AND typeof(body) = 'blob'
        """

    func report(_ row: Row) throws(StoreError) -> StoredReport {
        StoredReport(
            device: DeviceID(seq: try row.natural(0)), enrolment: try row.natural(1), number: try row.natural(2),
            held: try row.digestIfPresent(3), failed: try row.digestIfPresent(4), received: try row.integer(5),
            body: try row.bytes(6))
    }
}
