import SyncCore
import SyncStore

/// One transaction of the store: every proposal is checked after those before it.
struct BatchCommit {
    /// What the batch did, to be told after the commit.
    struct Written: Sendable {
        var world: World
        var transactions: [Transaction] = []
        var acknowledgements: [@Sendable () -> Void] = []
    }

    private(set) var written: Written
    private let now: Int64
    private let devices: DevicePlane
    /// The newest reports of this batch, which the plane learns of after the commit.
    private var reported: [DeviceID: ReportPlace] = [:]
    let writer: any StoreWriter

    init(world: World, devices: DevicePlane, now: Int64, writer: any StoreWriter) {
        written = Written(world: world)
        self.devices = devices
        self.now = now
        self.writer = writer
    }

    /// Another process's transactions are brought in before anything is checked against the World.
    mutating func checkHead() throws {
        while case let later = try writer.reader.transactions(after: written.world.seq, limit: 1_000), !later.isEmpty {
            for transaction in later { written.world.apply(transaction) }
            written.transactions += later
        }
    }

    mutating func perform(_ work: Work) throws {
        switch work {
        case .change(let proposal, let done):
            let outcome = try decide(proposal)
            written.acknowledgements.append { done(outcome) }
        case .device(let work):
            let receipt = try take(work)
            written.acknowledgements.append { work.done(.success(receipt)) }
        case .seen(let seen): try writer.note(seen: seen)
        case .compact(let work):
            let isDue = try writer.reader.floor() == work.before
            if isDue { try writer.compact(to: work.floor, state: work.pieces) }
            written.acknowledgements.append { work.done(.success(isDue)) }
        }
    }

    /// Keeps a report if it is newer than all that are known of its device; says whether it is.
    mutating func keep(_ report: StoredReport) throws -> Bool {
        let known = reported[report.device] ?? devices.place(of: report.device)
        if let known, report.place <= known { return false }
        try writer.keep(report)
        reported[report.device] = report.place
        return true
    }

    mutating func decide(_ proposal: Proposal) throws -> Result<Receipt, Refusal> {
        if let known = try writer.reader.transaction(author: proposal.author, intent: proposal.intent) {
            guard known.header.request == proposal.request else { return .failure(.intentReused(proposal.intent)) }
            return .success(Receipt(transaction: known, isReplay: true, notes: []))
        }
        var draft = Draft(
            world: written.world, author: proposal.author, now: now, conflictMode: proposal.conflictMode,
            bases: proposal.bases)
        do throws(Refusal) {
            try proposal.write(&draft)
        } catch {
            return .failure(error)
        }
        let header = Transaction.Header(
            author: proposal.author, intent: proposal.intent, reason: proposal.reason,
            reasonSalt: proposal.reason == nil ? nil : Salt.random(), received: now, request: proposal.request)
        let transaction = draft.transaction(header, salt: Salt.random)
        try writer.append(transaction)
        written.world = draft.world
        try keepUsers(draft.changes, from: transaction.firstSeq)
        written.transactions.append(transaction)
        return .success(Receipt(transaction: transaction, isReplay: false, notes: draft.notes))
    }
}

/// 16 random bytes, so that a short personal value cannot be guessed from its hash.
enum Salt {
    static func random() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
}
