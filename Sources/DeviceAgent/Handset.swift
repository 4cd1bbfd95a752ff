import SyncCore
import SyncProtocol

/// A handset's side of the protocol, as a pure machine: it is told what happened and answers what to do next.
///
/// It keeps the last good policy whatever comes, computes the digest of what it holds from its own bytes, and takes no
/// policy that is older than one it verified. It has no clock, no network and no disk: those are its host's.
public struct Handset: Sendable {
    /// What to do next.
    public enum Step: Sendable {
        case enrol(EnrolRequest)
        case checkIn(CheckIn)
        case report(SyncRequest)
        /// Nothing for so many seconds; the host adds its jitter.
        case rest(seconds: Int)
        /// Something failed: the same again after a time that the host draws from all of it up to so many seconds.
        case backOff(ceiling: Int)
    }

    /// One `GET /v1/sync`.
    public struct CheckIn: Hashable, Sendable {
        public let tag: String?
        public let have: Have
        /// Whether it takes what changed instead of the whole document.
        public let acceptsDelta: Bool

        public init(tag: String?, have: Have, acceptsDelta: Bool) {
            self.tag = tag
            self.have = have
            self.acceptsDelta = acceptsDelta
        }
    }

    /// What came back for a step.
    public struct Reply: Sendable {
        public let status: Int
        public let retryAfter: Int?
        public let body: [UInt8]

        public init(status: Int, retryAfter: Int?, body: [UInt8]) {
            self.status = status
            self.retryAfter = retryAfter
            self.body = body
        }
    }

    /// Things that a server of ours must never do; a run that has one fails. The handset itself goes on.
    public enum Fault: Hashable, Sendable {
        case wentBack(from: Seq, to: Seq)
        case notUnderstood(String)
        case refused(status: Int, code: String)
    }

    private enum Phase: Hashable {
        case unenrolled
        case checking
        case reporting
    }

    public let secrets: Secrets
    public private(set) var epoch: UInt64 = 0
    /// The highest version it verified in this epoch.
    public private(set) var version: Seq = 0
    /// The digest of the policy it holds, from its own bytes; nil before the first.
    public private(set) var digest: Digest?
    public private(set) var fault: Fault?
    /// The bytes of the policy it holds, in canonical form.
    public private(set) var document: [UInt8] = []
    /// What its user set.
    public private(set) var user = UserReplica()
    /// Its name at the server, once enrolled.
    public private(set) var device = ""
    /// Seconds between check-ins in quiet times, as the server said last.
    public private(set) var interval = 900
    private var tag: String?
    private var phase = Phase.unenrolled
    private var reportNumber: UInt64 = 0
    /// The longest wait, in seconds, that a poll may ask for; 0 where none lasts. Something between may end longer ones.
    public private(set) var longestWait = BackOff.longestPoll
    /// The digest of a document that was not what it says, and is asked for once more.
    private var mismatched: Digest?
    private var failures = 0
    private var failed: SyncRequest.Failed?

    private let catalog: Catalog

    public init(secrets: Secrets, catalog: Catalog) {
        self.secrets = secrets
        self.catalog = catalog
    }

    /// What the handset shows the server, and says of itself.
    public struct Secrets: Sendable {
        public let token: String
        public let credential: String
        public let serial: String
        public let facts: Facts

        public init(token: String, credential: String, serial: String, facts: Facts) {
            self.token = token
            self.credential = credential
            self.serial = serial
            self.facts = facts
        }
    }

    public var isEnrolled: Bool { phase != .unenrolled }

    /// Whether the server has its report of what it holds.
    public var hasReported: Bool { phase == .checking && digest != nil }

    /// Whether what changed may come instead of the whole document: not to one that has none, or could not apply it.
    public var acceptsDelta: Bool { mismatched == nil && !document.isEmpty }

    public var have: Have { Have(epoch: epoch, version: version, digest: digest) }

    /// The step to take now: at the start, after a rest, after a lost connection.
    public func next() -> Step {
        switch phase {
        case .unenrolled:
            let hash = Digest(hashing: Array(secrets.credential.utf8))
            return .enrol(
                EnrolRequest(
                    token: secrets.token, credentialHash: hash, serial: secrets.serial, facts: secrets.facts))
        case .checking where user.hasNews: return .report(request(nil))
        case .checking:
            return .checkIn(CheckIn(tag: tag, have: have, acceptsDelta: acceptsDelta))
        case .reporting:
            return .report(request(SyncRequest.Report(number: reportNumber, facts: secrets.facts, failed: failed)))
        }
    }

    private func request(_ report: SyncRequest.Report?) -> SyncRequest {
        SyncRequest(have: have, report: report, user: user.isInUse ? user.hold : nil, edits: user.edits)
    }

    /// The user does something on the terminal, connected or not.
    ///
    /// - Parameter claimed: the terminal's clock in milliseconds since 1970; it may be wrong by any amount.
    public mutating func edit(_ edit: UserEdit, claimed: Int64?) { user.make(edit, claimed: claimed) }

    /// What it held of its user document is gone, whatever the reason.
    public mutating func loseUserDocument() { user = .lost }

    /// What is in force: the policy it holds, with the user's values laid over it.
    public func inForce(_ policy: [String: JSONValue], _ catalog: Catalog) -> [String: JSONValue] {
        UserOverlay.lay(user.values(catalog), over: policy, catalog: catalog)
    }

    /// The connection broke, or nothing came: back off, then say the same again. Nothing is lost by repeating.
    public mutating func lost() -> Step {
        failures += 1
        return .backOff(ceiling: BackOff.ceiling(after: failures))
    }

    /// Something came back.
    public mutating func received(_ reply: Reply) -> Step {
        var reader = AnswerReader()
        return received(reply, reader: &reader)
    }

    /// The same, with a reader that the handsets of one host share.
    ///
    /// - Parameter waited: seconds that the poll had asked to wait; 0 where it had not.
    public mutating func received(_ reply: Reply, waited: Int = 0, reader: inout AnswerReader) -> Step {
        switch (reply.status, phase) {
        case (200, .unenrolled): return enrolled(reply)
        case (200, _): return synchronised(reply, &reader)
        case (304, .checking):
            failures = 0
            return .rest(seconds: reply.retryAfter ?? interval)
        default: return refused(reply, waited: waited)
        }
    }

    /// An error: the server's own words count as the protocol says, those of anything between only as a failure.
    private mutating func refused(_ reply: Reply, waited: Int) -> Step {
        guard let problem = ServerProblem(reply) else {
            if reply.status >= 500, waited > 0 { shorten(waited) }
            return lost()
        }
        switch (reply.status, problem.code) {
        case (503, _), (429, _):
            failures = 0
            return .rest(seconds: reply.retryAfter ?? BackOff.unnamed)
        case (408, _): return lost()
        case (401, "unauthenticated"),
            (403, _) where phase == .unenrolled, (404, _) where phase == .unenrolled,
            (409, _) where phase == .unenrolled:
            // The credential or the token opens nothing, and repeating does not make it.
            fault = .refused(status: reply.status, code: problem.code)
            return .rest(seconds: BackOff.untilBelieved)
        default:
            fault = .refused(status: reply.status, code: problem.code)
            return lost()
        }
    }

    /// Something between ended a wait: the next one is half as long, and none is asked for where even that is too long.
    private mutating func shorten(_ waited: Int) {
        let half = min(waited, longestWait) / 2
        longestWait = half < BackOff.shortestPoll ? 0 : half
    }

    private mutating func enrolled(_ reply: Reply) -> Step {
        guard let json = try? JSONReader.read(reply.body), let name = json["device"]?.string else {
            return notUnderstood("an enrolment without a device")
        }
        failures = 0
        device = name
        phase = .checking
        return next()
    }

    private mutating func synchronised(_ reply: Reply, _ reader: inout AnswerReader) -> Step {
        let reading: AnswerReader.Reading
        do {
            reading = try reader.read(reply.body)
        } catch {
            return notUnderstood("\(error)")
        }
        let answer = reading.answer
        guard !isOlder(answer) else {
            fault = .wentBack(from: version, to: answer.version)
            return lost()
        }
        failures = 0
        var isReset = false
        switch answer.result {
        // It is of another log than what is here, or of less of this one.
        case .ahead: return .rest(seconds: answer.after)
        case .reset:
            isReset = true
            user.reset(from: epoch)
        case .same, .full, .delta: break
        }
        // What a server of another log has is not taken before it was told what is here.
        let hasMore = user.received(answer.edits, isReset ? nil : answer.user)
        switch answer.result {
        case .same: return settled(answer, hasMore)
        case .ahead: return .rest(seconds: answer.after)
        case .full(let document, let digest): return take(reading.policy(from: nil) { document }, digest, answer)
        case .delta(let delta, let digest):
            let held = document
            let policy = reading.policy(from: self.digest) {
                (try? JSONReader.read(held, within: .stored))?.object.map { .object(delta.applied(to: $0)) }
            }
            return take(policy, digest, answer)
        case .reset(let document, let digest): return take(reading.policy(from: nil) { document }, digest, answer)
        }
    }

    /// Whether an answer is of a log, or of a place in it, before what was verified: nothing of it is taken.
    private func isOlder(_ answer: SyncAnswer) -> Bool {
        switch answer.result {
        case .same, .ahead: false
        case .full, .delta: (answer.epoch, answer.version) < (epoch, version)
        case .reset: answer.epoch <= epoch
        }
    }

    /// Takes a document if it is what its digest says.
    private mutating func take(_ policy: AnswerReader.Policy?, _ stated: Digest, _ answer: SyncAnswer) -> Step {
        guard let policy, policy.digest == stated else { return mismatch(stated, answer) }
        mismatched = nil
        failed = nil
        document = policy.bytes
        digest = policy.digest
        (epoch, version, tag) = (answer.epoch, answer.version, answer.tag)
        return report()
    }

    /// Once it may be the network's fault, or a delta's: the whole document is asked for. Then it is told, and the last
    /// good policy stays.
    private mutating func mismatch(_ stated: Digest, _ answer: SyncAnswer) -> Step {
        guard mismatched == stated else {
            mismatched = stated
            tag = nil
            return .rest(seconds: BackOff.mismatch)
        }
        failed = SyncRequest.Failed(digest: stated, reason: "digest-mismatch")
        tag = answer.tag
        return report()
    }

    private mutating func report() -> Step {
        reportNumber += 1
        phase = .reporting
        return next()
    }

    private mutating func settled(_ answer: SyncAnswer, _ hasMore: Bool) -> Step {
        if answer.epoch == epoch { version = max(version, answer.version) }
        interval = answer.after
        tag = answer.tag ?? tag
        phase = .checking
        return hasMore ? next() : .rest(seconds: answer.after)
    }

    /// It may be the page of something between that lets nobody through yet: the same is asked again later.
    private mutating func notUnderstood(_ reason: String) -> Step {
        fault = .notUnderstood(reason)
        return lost()
    }
}

extension Handset {
    /// Shares the bytes of the policy with others that hold the same, where one host plays many handsets.
    public mutating func share(_ pool: inout [Digest: [UInt8]]) {
        guard let digest else { return }
        if let known = pool[digest] { document = known } else { pool[digest] = document }
    }
}
