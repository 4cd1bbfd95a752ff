import NIOCore
import SyncCore
import Synchronization

/// One part of a scenario: what the connections do until it is over, and how far they are.
final class Phase: Sendable {
    enum Kind: Sendable {
        /// Every handset checks in so many times, those of one connection one after the other.
        case rollCall(turns: Int)
        /// Every handset enrols, and no more.
        case enrolment
        /// Handsets wait for news until each holds its target.
        case watch(targets: [Digest])
        /// Handsets live each by its own clock, until somebody ends it; told of targets, until each holds its own and has
        /// nothing more to say.
        case life(Life)
    }

    struct Progress: Sendable {
        /// When each handset got there, in nanoseconds since the start; nil for those that have not.
        var arrivals: [UInt64?]
        var arrived = 0
        /// When each held its target, where the phase goes on until it has also said so.
        var held: [UInt64?] = []
        /// Handsets that wait at the server for news.
        var waiting = 0
        /// What each is to hold; empty until that is told.
        var targets: [Digest] = []
        var isOver = false
    }

    let kind: Kind
    /// Seconds that a check-in may be parked.
    let wait: Int
    /// When it was made: scenario time counts from here.
    private let begun = NIODeadline.now()
    /// Of a hundred answers, how many are lost on the way, after the server has acted.
    let lossPercent: Int
    /// Whether a handset has arrived only when the server has its report.
    private let untilProven: Bool
    private let start = Mutex(NIODeadline.now())
    private let progress: Mutex<Progress>
    private let ended: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    /// - Parameter wait: seconds that a check-in may be parked.
    init(_ kind: Kind, handsets: Int, wait: Int, lossPercent: Int = 0, untilProven: Bool = false) {
        self.kind = kind
        self.wait = wait
        self.lossPercent = lossPercent
        self.untilProven = untilProven
        let none = [UInt64?](repeating: nil, count: handsets)
        progress = Mutex(Progress(arrivals: none, held: untilProven ? none : []))
        (ended, end) = AsyncStream.makeStream(of: Void.self)
    }

    /// Whether each handset has only so much to do, whatever the others do.
    var isFinite: Bool {
        switch kind {
        case .rollCall, .enrolment: true
        case .watch, .life: false
        }
    }

    var life: Life? { if case .life(let life) = kind { life } else { nil } }

    /// Seconds of scenario time since the beginning.
    var scenarioSeconds: Double {
        Double((NIODeadline.now() - begun).nanoseconds) / 1e9 * (life?.pace ?? 1)
    }

    var now: Progress { progress.withLock { $0 } }
    var isOver: Bool { progress.withLock { $0.isOver } }

    /// Time counts from here.
    func restartClock() { start.withLock { $0 = .now() } }

    var elapsed: UInt64 { UInt64(max(0, (NIODeadline.now() - start.withLock { $0 }).nanoseconds)) }

    /// A handset is where the phase wants it; the last one ends the phase.
    func arrived(_ handset: Int) {
        let time = elapsed
        let isLast = progress.withLock { progress in
            guard progress.arrivals[handset] == nil else { return false }
            progress.arrivals[handset] = time
            progress.arrived += 1
            return progress.arrived == progress.arrivals.count
        }
        guard isLast else { return }
        giveUp()
    }

    /// From now on handsets arrive, each when it holds its target and has nothing more to say.
    func expect(_ targets: [Digest]) {
        restartClock()
        progress.withLock { $0.targets = targets }
    }

    /// A handset has nothing more to say.
    func settled(_ handset: Int, _ digest: Digest?) {
        let isThere = progress.withLock { !$0.targets.isEmpty && $0.targets[handset] == digest }
        if isThere { arrived(handset) }
    }

    /// A handset holds something.
    ///
    /// - Parameter isProven: whether the server has its report of it.
    func holds(_ handset: Int, _ digest: Digest?, isProven: Bool) {
        guard case .watch(let targets) = kind, targets[handset] == digest else { return }
        if untilProven {
            let time = elapsed
            progress.withLock { $0.held[handset] = $0.held[handset] ?? time }
            guard isProven else { return }
        }
        arrived(handset)
    }

    func isWaiting(_ change: Int) { progress.withLock { $0.waiting += change } }

    /// Nobody waits for it any longer; life goes on until somebody ends it.
    func giveUp() { if life == nil { finish() } else { end.finish() } }

    func finish() {
        progress.withLock { $0.isOver = true }
        end.finish()
    }

    /// Returns when all have arrived, or `finish` was called.
    func untilOver() async { for await _ in ended { return } }
}
