import Logging
import SyncCore
import SyncStore
import Synchronization

/// What devices said last: kept in memory, because an idle check-in writes nothing and reads no database.
public final class DevicePlane: Sendable {
    /// What is known of one device.
    public struct Standing: Sendable {
        /// The digest of the policy that the device says it holds.
        public internal(set) var held: Digest?
        public internal(set) var reportNumber: UInt64 = 0
        public internal(set) var enrolment: Seq = 0
        /// Milliseconds since 1970, by the server's clock.
        public internal(set) var lastSeen: Int64 = 0
        /// Whether it was seen since that was last written down.
        fileprivate var isUnflushed = false
        /// Nil for most devices.
        private var remarks: Remarks?

        /// The digest of a policy it could not apply: the same document is not offered again.
        public var failed: Digest? { remarks?.failed }
        /// What it holds and cannot honour, coded.
        var nonCompliance: [NonComplianceCoder.Code] { remarks?.nonCompliance ?? [] }
        /// Why it could not apply what failed.
        public var failure: String? { remarks?.failure }

        init(enrolment: Seq = 0) { self.enrolment = enrolment }

        /// Which of its reports is known.
        var place: ReportPlace { ReportPlace(enrolment: enrolment, number: reportNumber) }

        fileprivate mutating func saw(_ enrolment: Seq, _ have: Have?, at now: Int64) {
            guard enrolment >= self.enrolment else { return }
            if enrolment > self.enrolment { self = Standing(enrolment: enrolment) }
            lastSeen = now
            isUnflushed = true
            if let have { held = have.digest }
        }

        /// As it was written down: of an earlier enrolment it says nothing.
        fileprivate mutating func wasSeen(_ seen: Seen) {
            if seen.enrolment > enrolment { self = Standing(enrolment: seen.enrolment) }
            // Before enrolments were written down with it, it said no more than the time.
            guard seen.enrolment == enrolment || seen.enrolment == 0 else { return }
            // A report that came after it said it again.
            if let held = seen.held, seen.at >= lastSeen { self.held = held }
            lastSeen = max(lastSeen, seen.at)
        }

        /// No device was seen later than now: a clock that was ahead must not keep one from ever falling silent.
        fileprivate mutating func bound(by now: Int64) {
            guard lastSeen > now else { return }
            lastSeen = now
            isUnflushed = true
        }

        fileprivate mutating func take(
            _ report: StoredReport, _ nonCompliance: [NonComplianceCoder.Code], _ failure: String?
        ) {
            guard report.place > place else { return }
            enrolment = report.enrolment
            reportNumber = report.number
            held = report.held
            let hasRemarks = report.failed != nil || !nonCompliance.isEmpty || failure != nil
            remarks =
                hasRemarks ? Remarks(failed: report.failed, nonCompliance: nonCompliance, failure: failure) : nil
            lastSeen = max(lastSeen, report.received)
        }
    }

    /// What few devices say: apart, because a fleet's standings lie in one table with room for half as many more.
    private final class Remarks: Sendable {
        let failed: Digest?
        let nonCompliance: [NonComplianceCoder.Code]
        let failure: String?

        init(failed: Digest?, nonCompliance: [NonComplianceCoder.Code], failure: String?) {
            self.failed = failed
            self.nonCompliance = nonCompliance
            self.failure = failure
        }
    }

    private struct State {
        var standings = StandingTable()
        var reportsTaken = 0
        var reportBytesTaken = 0
    }

    private let state = Mutex(State())
    let coder: NonComplianceCoder

    /// - Parameter catalog: the one in force; devices name its settings.
    init(_ catalog: Catalog) { coder = NonComplianceCoder(catalog) }

    public func standing(of device: DeviceID) -> Standing? { state.withLock { $0.standings[device] } }

    /// What is known of each of some devices: the lock is taken once for all.
    func standings(of devices: some Sequence<DeviceID>) -> [Standing?] {
        state.withLock { state in devices.map { state.standings[$0] } }
    }

    /// How many reports were taken, those that a start brought in among them.
    var reportsTaken: (count: Int, bytes: Int) { state.withLock { ($0.reportsTaken, $0.reportBytesTaken) } }

    /// Which of a device's reports is known.
    func place(of device: DeviceID) -> ReportPlace? { state.withLock { $0.standings[device]?.place } }

    /// The digest that a device could not apply in an enrolment and still holds out against.
    public func failed(_ device: DeviceID, in enrolment: Seq) -> Digest? {
        state.withLock { state in
            guard let standing = state.standings[device], standing.enrolment == enrolment else { return nil }
            return standing.failed
        }
    }

    /// A check-in: the device is there, and holds this.
    ///
    /// What an earlier enrolment held says nothing of this one.
    public func saw(_ device: DeviceID, enrolment: Seq, have: Have?, at now: Int64) {
        state.withLock { state in
            state.standings.update(device) { $0.saw(enrolment, have, at: now) }
        }
    }

    /// A report that is durable.
    func take(_ report: StoredReport) {
        let said = report.remarks
        let nonCompliance = said.map(coder.read) ?? []
        let failure = said?["failed"]?["reason"]?.string
        state.withLock { state in
            state.standings.update(report.device) { $0.take(report, nonCompliance, failure) }
            state.reportsTaken += 1
            state.reportBytesTaken += report.body.count
        }
    }

    /// Brings in what a store has of every device.
    ///
    /// - Parameter now: milliseconds since 1970; what was seen later was seen by a clock that was ahead.
    func load(from store: any Store, now: Int64, logger: Logger) async throws {
        let unreadable = try await store.read { reader in try reader.reports { self.take($0) } }
        if unreadable > 0 {
            logger.error("reports cannot be read: they are passed over", metadata: ["reports": "\(unreadable)"])
        }
        var last: DeviceID?
        repeat {
            let after = last
            let page = try await store.read { try $0.seen(after: after, limit: 10_000) }
            state.withLock { state in
                for seen in page {
                    state.standings.update(seen.device, else: Standing(enrolment: seen.enrolment)) { $0.wasSeen(seen) }
                }
            }
            last = page.last?.device
        } while last != nil
        bound(by: now)
    }

    private func bound(by now: Int64) {
        state.withLock { state in state.standings.updateAll { $1.bound(by: now) } }
    }

    /// When devices were last seen that were since the last call, for the store; in order of device.
    ///
    /// All are looked through once a minute, so that no check-in keeps a list.
    ///
    /// - Parameter now: milliseconds since 1970: the clock may have been ahead until a moment ago.
    func takeUnflushed(at now: Int64) -> [Seen] {
        let seen = state.withLock { state in
            var seen: [Seen] = []
            state.standings.updateAll { device, standing in
                standing.bound(by: now)
                guard standing.isUnflushed else { return }
                standing.isUnflushed = false
                seen.append(
                    Seen(device, enrolment: standing.enrolment, at: standing.lastSeen, held: standing.held))
            }
            return seen
        }
        return seen.sorted { $0.device < $1.device }
    }

    /// These could not be written down: they are among those of the next call.
    func keepUnflushed(_ seen: [Seen]) {
        state.withLock { state in
            for seen in seen { state.standings.updateIfKnown(seen.device) { $0.isUnflushed = true } }
        }
    }
}

extension StoredReport {
    /// The report, if it says of more than facts: few do, and only those are read again.
    ///
    /// In canonical form `nonCompliance` is the last member, and no other ends in a bracket.
    fileprivate var remarks: JSONValue? {
        guard failed != nil || body.suffix(2).elementsEqual("]}".utf8) else { return nil }
        return try? JSONReader.read(body, within: .stored)
    }
}
