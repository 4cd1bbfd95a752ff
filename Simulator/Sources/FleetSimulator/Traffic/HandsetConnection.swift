import DeviceAgent
import NIOCore
import NIOPosix
import SyncCore

/// One TCP connection and the handsets that take turns on it; all of it on one event loop.
final class HandsetConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let driver: LoopDriver
    /// The numbers of the handsets that take turns here.
    let ring: [Int]
    /// Their machines, in the same order.
    var handsets: [Handset]
    /// Before when each must not ask again: what it was told last, without jitter.
    private var earliest: [NIODeadline]
    private let source: SocketAddress?
    private var channel: (any Channel)?
    private var reader = ResponseReader()
    var phase: Phase?
    /// Whose turn it is.
    var place = 0
    /// Whether its first request is still to be sent.
    var isTurnFresh = false
    /// Others whose time came meanwhile.
    var due: [Int] = []
    private var turnsTaken = 0
    private(set) var sentAt = NIODeadline.now()
    private var inFlight: Measures.Kind?
    private var isParked = false
    /// Seconds that the request under way asked to wait.
    private var waiting = 0
    /// A turn is about to be taken: at once, or when the connection is there.
    private var isTurnDue = false
    /// The server had no room to park its poll: it asks without, until the next answer with a body.
    private var isWithoutRoom = false
    /// The phase changed in the middle of a turn: the next turn is the first of the new one.
    private var startsAnew = false

    init(driver: LoopDriver, ring: [Int], handsets: [Handset], source: SocketAddress?) {
        self.driver = driver
        self.ring = ring
        self.handsets = handsets
        self.source = source
        earliest = Array(repeating: .uptimeNanoseconds(0), count: ring.count)
    }

    var number: Int { ring[place] }
    var isBusy: Bool { inFlight != nil || isTurnDue }

    func connect() -> EventLoopFuture<Void> {
        driver.connect(self, from: source).assumeIsolated().map { channel in self.channel = channel }.nonisolated()
    }

    /// Takes part in a phase from its first handset on.
    func begin(_ phase: Phase) {
        self.phase = phase
        turnsTaken = 0
        due = []
        for place in earliest.indices { earliest[place] = .uptimeNanoseconds(0) }
        guard !isBusy else {
            // A poll still parked waits for this phase's news too; any answer leads on into it.
            if isParked { phase.isWaiting(1) }
            startsAnew = true
            return
        }
        start(phase)
    }

    private func start(_ phase: Phase) {
        startsAnew = false
        place = 0
        switch phase.kind {
        case .life(let life): begin(life)
        case .watch where ring.count > 1: driver.turns.ask(self)
        default: takeTurn()
        }
    }

    /// One of its users does something on his terminal.
    func edit(_ handset: Int, _ edit: UserEdit, claimed: Int64) -> DeviceEdit? {
        guard let index = ring.firstIndex(of: handset) else { return nil }
        handsets[index].edit(edit, claimed: claimed)
        return handsets[index].user.waiting.last
    }

    /// Out of reach: it comes back with the next phase that it takes part in.
    func close() {
        phase = nil
        channel?.close(promise: nil)
    }

    func takeTurn() {
        guard let phase, !phase.isOver || phase.isFinite else { return driver.turns.done(self) }
        guard !startsAnew else { return start(phase) }
        perform(Self.next(of: &handsets[place]))
    }

    /// Asked where it lies: a copy would touch all that a handset holds, and little of that is at hand.
    private static func next(of handset: inout Handset) -> Handset.Step { handset.next() }

    private func perform(_ step: Handset.Step) {
        switch step {
        case .enrol(let request): send(.enrol, driver.requests.enrol(request, driver.allocator))
        case .report(let request):
            send(
                .report,
                driver.requests.report(
                    request, credential: handsets[place].secrets.credential,
                    acceptsDelta: handsets[place].acceptsDelta, driver.allocator))
        case .checkIn(let checkIn):
            let wait = ring.count == 1 && !isWithoutRoom ? min(phase?.wait ?? 0, handsets[place].longestWait) : 0
            waiting = wait
            send(
                wait > 0 ? .parked : .idle,
                driver.requests.checkIn(
                    checkIn, credential: handsets[place].secrets.credential, wait: wait, driver.allocator))
        case .rest, .backOff: endTurn()
        }
    }

    private func send(_ kind: Measures.Kind, _ bytes: ByteBuffer) {
        guard let channel, channel.isActive else { return reconnect() }
        inFlight = kind
        sentAt = .now()
        driver.measures.bytesSent += bytes.readableBytes
        if isTurnFresh { driver.tally.cameTo(server: sentAt) }
        isTurnFresh = false
        driver.tally.sent(at: sentAt, isEarly: sentAt < earliest[place])
        if kind == .parked, handsets[place].digest != nil {
            isParked = true
            phase?.isWaiting(1)
        }
        channel.writeAndFlush(bytes, promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        driver.measures.bytesReceived += bytes.readableBytes
        reader.append(&bytes)
        do {
            while let reply = try reader.next(&driver.unpacker) { received(reply) }
        } catch {
            driver.measures.fail("not HTTP")
            context.close(promise: nil)
        }
    }

    private func received(_ reply: Handset.Reply) {
        guard let kind = inFlight else { return driver.measures.fail("an answer without a request") }
        inFlight = nil
        unpark()
        if let phase, phase.lossPercent > 0, Int.random(in: 0..<100, using: &driver.generator) < phase.lossPercent {
            driver.measures.fail("answer lost on purpose")
            _ = handsets[place].lost()
            return takeTurnSoon()
        }
        let isDownload = reply.status == 200 && (kind == .idle || kind == .parked)
        let microseconds = UInt64(max(0, (NIODeadline.now() - sentAt).nanoseconds / 1_000))
        driver.measures.record(isDownload ? .download : kind, microseconds: microseconds)
        let held = handsets[place].digest
        let step = handsets[place].received(
            reply, waited: kind == .parked ? waiting : 0, reader: &driver.reader)
        let isNew = handsets[place].digest != held
        if isNew { handsets[place].share(&driver.documents) }
        tally(reply, kind, isNew: isNew)
        phase?.holds(number, handsets[place].digest, isProven: handsets[place].hasReported)
        if reply.status == 503 || reply.status == 429 {
            driver.measures.fail("\(reply.status)")
            driver.tally.refused(retryAfter: reply.retryAfter)
            // The server works it out from what it does in a real second, so no pace shortens it.
            return waitOut(step, pace: 1)
        }
        if reply.status != 200 && reply.status != 304 || step.isBackOff {
            driver.measures.fail(reply.status == 200 ? "not taken" : "\(reply.status)")
            // Whoever counts handsets waits for none that a server of ours has failed: it is a finding already.
            guard handsets[place].fault != nil, phase?.isFinite == true else { return waitOut(step, pace: 1) }
            return endTurn()
        }
        if reply.status == 200 { isWithoutRoom = false }
        if kind == .parked, reply.status == 304, reply.retryAfter != nil { isWithoutRoom = true }
        goOn(step, after: kind, reply)
    }

    private func goOn(_ step: Handset.Step, after kind: Measures.Kind, _ reply: Handset.Reply) {
        switch phase?.kind {
        case .enrolment?: endTurn()
        // Where handsets take turns, what one says next waits for its next turn: the others would not wait for it.
        case .watch? where ring.count > 1: endTurn()
        case .watch? where isWithoutRoom && !startsAnew: waitOut(step, pace: 1)
        case .life(let life)?:
            switch step {
            case .rest(let seconds) where !startsAnew: rest(seconds, life, after: kind, reply)
            case .rest, .backOff: endTurn()
            case .enrol, .checkIn, .report: perform(step)
            }
        default: perform(step)
        }
    }

    private func endTurn() {
        guard let phase else { return }
        if startsAnew { return takeTurnSoon() }
        turnsTaken += 1
        switch phase.kind {
        case .watch:
            guard ring.count > 1 else { return takeTurnSoon() }
            place = (place + 1) % ring.count
            // In a row: what the kernel and the server keep of the connection is at hand for all but the first.
            guard place == 0 else { return takeTurn() }
            driver.turns.done(self)
            driver.turns.ask(self)
        case .life: serveNext()
        case .rollCall(let turns) where turnsTaken < turns && handsets[place].fault == nil: return takeTurn()
        case .rollCall, .enrolment:
            phase.arrived(number)
            turnsTaken = 0
            place += 1
            if place < ring.count { takeTurn() } else { place = 0 }
        }
    }

    /// From the loop, so that an answer of 0 seconds cannot grow the stack.
    func takeTurnSoon() {
        isTurnDue = true
        driver.loop.assumeIsolated().execute {
            self.isTurnDue = false
            self.takeTurn()
        }
    }

    /// Waits as it was told or as it backs off, with jitter; meanwhile others of a shared connection have their turns.
    private func waitOut(_ step: Handset.Step, pace: Double) {
        guard !startsAnew, let phase else { return endTurn() }
        // Whoever comes back before `least` did not do as it was told; timers are no more exact than half of a draw.
        let (least, wait): (Double, Double)
        switch step {
        case .rest(let seconds):
            (least, wait) = (Double(seconds), CheckInSchedule.wait(hint: seconds, using: &driver.generator))
        case .backOff(let ceiling):
            wait = CheckInSchedule.backOff(ceiling: ceiling, using: &driver.generator)
            least = wait / 2
        case .enrol, .checkIn, .report: return endTurn()
        }
        driver.turns.done(self)
        earliest[place] = .now() + .nanoseconds(Int64(least / pace * 1e9))
        driver.wake(self, place, after: (phase.life?.fault == .impatient ? wait / 10 : wait) / pace)
        if phase.life != nil { serveNext() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        channel = nil
        reader = ResponseReader()
        unpark()
        driver.turns.done(self)
        guard inFlight != nil else { return }
        inFlight = nil
        guard phase != nil else { return }
        driver.measures.fail("connection lost")
        backOff()
    }

    private func reconnect() {
        isTurnDue = true
        connect().assumeIsolated().whenComplete { [self] outcome in
            isTurnDue = false
            switch outcome {
            case .success: takeTurn()
            case .failure:
                driver.measures.fail("cannot connect")
                backOff()
            }
        }
    }

    private func backOff() { waitOut(handsets[place].lost(), pace: phase?.life?.pace ?? 1) }

    private func unpark() {
        if isParked { phase?.isWaiting(-1) }
        isParked = false
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension Handset.Step {
    /// Whether it is a repetition that failed before.
    fileprivate var isBackOff: Bool {
        if case .backOff = self { true } else { false }
    }
}
