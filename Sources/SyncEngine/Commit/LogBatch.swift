import SyncCore
import SyncStore

/// Changes worked out one after the other, each on the World that those before it make; nothing of it is written yet.
///
/// A pure value. A refused change leaves nothing behind.
struct LogBatch {
    /// What is told after the commit.
    typealias Acknowledgement = @Sendable () -> Void

    private(set) var world: World
    private(set) var commit: Commit
    private(set) var acknowledgements: [Acknowledgement] = []
    private let reads: BatchReads
    private var users: UserDocumentBatch
    /// Accepted in this batch: a repetition within it is answered as one from the log is.
    private var accepted: [BatchReads.Intent: Receipt] = [:]
    private let now: Int64
    private let received: Int64
    private let isNewest: (StoredReport) -> Bool

    /// - Parameters:
    ///   - now: the clock, in milliseconds since 1970.
    ///   - received: the time of the entries, which never goes back.
    ///   - isNewest: whether no newer report of its device is known.
    init(
        on world: World, reads: BatchReads, now: Int64, received: Int64, isNewest: @escaping (StoredReport) -> Bool
    ) {
        self.world = world
        self.reads = reads
        self.now = now
        self.received = received
        self.isNewest = isNewest
        users = UserDocumentBatch(reads)
        commit = Commit(after: Head(epoch: world.epoch, seq: world.seq))
    }

    /// The commit with what it writes of users.
    var finished: Commit {
        var commit = commit
        commit.userDocuments = users.writes
        return commit
    }

    mutating func take(_ work: LogWork) {
        switch work {
        case .change(let proposal, let done):
            let outcome = Result { () throws(Refusal) in try decide(proposal) }
            acknowledgements.append { done(outcome) }
        case .device(let work):
            let outcome = Result { () throws(Refusal) in try take(work) }
            acknowledgements.append { work.done(outcome) }
        }
    }

    private mutating func decide(_ proposal: Proposal) throws(Refusal) -> Receipt {
        let intent = BatchReads.Intent(author: proposal.author, intent: proposal.intent)
        if let known = try known(intent) {
            guard known.header.request == proposal.request else { throw .intentReused(proposal.intent) }
            return Receipt(transaction: known, isReplay: true, notes: [])
        }
        var draft = Draft(
            world: world, author: proposal.author, now: now, received: received,
            conflictMode: proposal.conflictMode, bases: proposal.bases)
        try proposal.write(&draft)
        draft.finish()
        let header = Transaction.Header(
            author: proposal.author, intent: proposal.intent, reason: proposal.reason,
            reasonSalt: proposal.reason == nil ? nil : Salt.random(), received: received, request: proposal.request)
        let transaction = draft.transaction(header, salt: Salt.random)
        try users.take(draft.changes, from: transaction.firstSeq, in: draft.world)
        world = draft.world
        commit.transactions.append(transaction)
        let receipt = Receipt(transaction: transaction, isReplay: false, notes: draft.notes)
        accepted[intent] = receipt
        return receipt
    }

    private func known(_ intent: BatchReads.Intent) throws(Refusal) -> Transaction? {
        if let receipt = accepted[intent] { return receipt.transaction }
        switch reads.transactions[intent] {
        case .success(let transaction)?: return transaction
        case .failure?: throw .unreadable("the change that was accepted as \(intent.intent)")
        case nil: return nil
        }
    }

    /// A report whose facts changed: their entry, the report and what the user did are kept together.
    private mutating func take(_ work: DeviceWork) throws(Refusal) -> DeviceReceipt {
        let device = work.speaker(in: world)
        var (document, answers): (UserDocument?, [UserAnswer]) = (nil, [])
        if let user = work.user, let device { (document, answers) = try users.exchange(user, with: device, in: world) }
        guard let report = work.report, isNewest(report) else {
            return DeviceReceipt(isNewReport: false, document: document, answers: answers)
        }
        // Only the newest report may say what the device is.
        if let device, let facts = work.facts, facts != device.facts, let intent = work.factsIntent {
            let proposal = Proposal(
                author: Author.device, intent: intent, reason: nil,
                request: Digest(hashing: CanonicalWriter.bytes(of: facts.json))
            ) { draft throws(Refusal) in draft.add(.deviceFactsChanged(device.id, facts)) }
            _ = try decide(proposal)
        }
        commit.reports.append(report)
        return DeviceReceipt(isNewReport: true, document: document, answers: answers)
    }
}

/// 16 random bytes, so that a short personal value cannot be guessed from its hash.
enum Salt {
    static func random() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
}
