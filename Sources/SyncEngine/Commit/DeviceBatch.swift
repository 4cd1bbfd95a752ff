import SyncCore
import SyncStore

/// What devices said, worked out into rows; nothing of it is written yet. A pure value.
struct DeviceBatch {
    private(set) var reports: [StoredReport] = []
    private(set) var seen: [Seen] = []
    /// What became of each work, in order.
    private(set) var outcomes: [Result<DeviceReceipt, Refusal>] = []
    private var newest: [DeviceID: ReportPlace] = [:]
    private var users: UserDocumentBatch
    private let world: World
    private let known: (DeviceID) -> ReportPlace?

    /// - Parameter known: which of a device's reports is known already.
    init(on world: World, reads: BatchReads, known: @escaping (DeviceID) -> ReportPlace?) {
        self.world = world
        self.known = known
        users = UserDocumentBatch(reads)
    }

    /// What is to be written. It has no transaction, so that no head is compared.
    var commit: Commit {
        var commit = Commit(after: Head(epoch: world.epoch, seq: world.seq))
        commit.reports = reports
        commit.seen = seen
        commit.userDocuments = users.writes
        return commit
    }

    mutating func take(_ work: DeviceWork) {
        outcomes.append(Result { () throws(Refusal) in try receipt(work) })
    }

    mutating func take(_ seen: [Seen]) { self.seen += seen }

    private mutating func receipt(_ work: DeviceWork) throws(Refusal) -> DeviceReceipt {
        var (document, answers): (UserDocument?, [UserAnswer]) = (nil, [])
        if let user = work.user, let device = work.speaker(in: world) {
            (document, answers) = try users.exchange(user, with: device, in: world)
        }
        let isNewReport = work.report.map { keep($0) } ?? false
        return DeviceReceipt(isNewReport: isNewReport, document: document, answers: answers)
    }

    /// Keeps a report if it is newer than all that are known of its device.
    private mutating func keep(_ report: StoredReport) -> Bool {
        if let known = newest[report.device] ?? known(report.device), report.place <= known { return false }
        newest[report.device] = report.place
        reports.append(report)
        return true
    }
}
