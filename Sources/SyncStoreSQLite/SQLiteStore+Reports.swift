import GRDB
import SyncCore
import SyncStore

extension SQLiteStore {
    /// Reports that are taken up at once: what is kept of each meanwhile must stay small.
    private static let most = 262_144
    /// Rows of one step: as many as a batch of reports may have, since a change waits for either.
    private static let rowsOfStep = 2_048

    public func sortReports(atLeast count: Int) async throws {
        try await translatingErrors {
            let newest = try await self.pool.read { try SQLiteReader(database: $0).arrivals(count, Self.most) }
            guard let newest else { return }
            for start in stride(from: 0, to: newest.ids.count, by: Self.rowsOfStep) {
                let ids = newest.ids[start..<min(start + Self.rowsOfStep, newest.ids.count)]
                try await self.step { database in
                    let bring = try database.cachedStatement(sql: Self.bring)
                    for id in ids { try bring.execute(arguments: [id]) }
                }
            }
            // Only now: until all are brought, each is where it was. What comes meanwhile has a higher number.
            for id in stride(from: newest.first, through: newest.last, by: Self.rowsOfStep) {
                let last = min(id + Int64(Self.rowsOfStep) - 1, newest.last)
                try await self.step { try $0.execute(sql: "DELETE FROM arrival WHERE id <= ?", arguments: [last]) }
            }
        }
    }

    private static let bring = """
        INSERT INTO report(\(SQLiteReader.reportColumns))
        SELECT \(SQLiteReader.reportColumns) FROM arrival WHERE id = ?
        ON CONFLICT(device) DO UPDATE SET enrolment = excluded.enrolment, number = excluded.number,
        held = excluded.held, failed = excluded.failed, received = excluded.received, body = excluded.body
        WHERE (excluded.enrolment, excluded.number) > (enrolment, number)
        """
}

extension SQLiteReader {
    /// Rows to bring into order.
    fileprivate struct Arrivals {
        /// The newest of each device, in order of device.
        let ids: [Int64]
        /// The first and the last that came, of all that were looked at.
        let first: Int64
        let last: Int64
    }

    /// - Returns: nil where fewer than so many have come.
    fileprivate func arrivals(_ least: Int, _ most: Int) throws(StoreError) -> Arrivals? {
        var newest: [Int64: (place: ReportPlace, id: Int64)] = [:]
        var (first, last): (Int64?, Int64) = (nil, 0)
        guard try arrivalCount() >= least else { return nil }
        try each(
            """
            SELECT id, device, enrolment, number, \(Self.isReportSound) FROM arrival ORDER BY id LIMIT ?
            """, [most]
        ) { row in
            last = try row.integer(0)
            first = first ?? last
            // One that is damaged goes: its device's next one says what it said.
            guard try row.integer(4) == 1 else { return }
            let device = try row.integer(1)
            let place = ReportPlace(enrolment: try row.natural(2), number: try row.natural(3))
            if let known = newest[device], known.place >= place { return }
            newest[device] = (place, last)
        }
        guard let first else { return nil }
        return Arrivals(ids: newest.sorted { $0.key < $1.key }.map(\.value.id), first: first, last: last)
    }

    /// Numbers are given without gaps and taken away from below. Asked for together, SQLite would look through all rows.
    private func arrivalCount() throws(StoreError) -> Int64 {
        let row = try rows("SELECT (SELECT max(id) FROM arrival) - (SELECT min(id) FROM arrival) + 1").first
        return Int64(clamping: try row?.naturalIfPresent(0) ?? 0)
    }
}
