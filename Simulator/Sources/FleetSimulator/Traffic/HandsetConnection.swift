import DeviceAgent
import NIOCore
import NIOPosix
import SyncCore

/// One TCP connection and the handsets that take turns on it; all of it on one event loop.
final class HandsetConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let driver: LoopDriver
    /// The numbers of the handsets that take turns here.
    let ring: [Int]
    /// Their machines, in the same order.
    private(set) var handsets: [Handset]
    private let source: SocketAddress?
    private var channel: (any Channel)?
    private var reader = ResponseReader()
    private var phase: Phase?
    private var place = 0
    private var turnsTaken = 0
    private var sentAt = NIODeadline.now()
    private var inFlight: Measures.Kind?
    private var isParked = false
    /// A turn is about to be taken.
    private var isTurnDue = false
    /// The phase changed in the middle of a turn: the next turn is the first of the new one.
    private var startsAnew = false

    init(driver: LoopDriver, ring: [Int], handsets: [Handset], source: SocketAddress?) {
        self.driver = driver
        self.ring = ring
        self.handsets = handsets
        self.source = source
    }

    private var number: Int { ring[place] }

    func connect() -> EventLoopFuture<Void> {
        driver.connect(self, from: source).assumeIsolated().map { channel in self.channel = channel }.nonisolated()
    }

    /// Takes part in a phase from its first handset on.
    func begin(_ phase: Phase) {
        self.phase = phase
        turnsTaken = 0
        guard inFlight == nil, !isTurnDue else {
            // A poll still parked waits for this phase's news too; any answer leads on into it.
            if isParked { phase.isWaiting(1) }
            startsAnew = true
            return
        }
        place = 0
        takeTurn()
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

    private func takeTurn() {
        guard let phase, !phase.isOver || phase.isFinite else { return }
        perform(handsets[place].next())
    }

    private func perform(_ step: Handset.Step) {
        let machine = handsets[place]
        switch step {
        case .enrol(let request): send(.enrol, driver.requests.enrol(request, driver.allocator))
        case .report(let request):
            send(
                .report,
                driver.requests.report(
                    request, credential: machine.secrets.credential, acceptsDelta: machine.acceptsDelta,
                    driver.allocator))
        case .checkIn(let checkIn):
            let wait = ring.count == 1 ? phase?.wait ?? 0 : 0
            send(
                wait > 0 ? .parked : .idle,
                driver.requests.checkIn(checkIn, credential: machine.secrets.credential, wait: wait, driver.allocator))
        case .rest, .stop: endTurn()
        }
    }

    private func send(_ kind: Measures.Kind, _ bytes: ByteBuffer) {
        guard let channel, channel.isActive else { return reconnect() }
        inFlight = kind
        sentAt = .now()
        driver.measures.bytesSent += bytes.readableBytes
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
        let step = handsets[place].received(reply, reader: &driver.reader)
        handsets[place].share(&driver.documents)
        phase?.holds(number, handsets[place].digest, isProven: handsets[place].hasReported)
        if reply.status == 503 || reply.status == 429 {
            driver.measures.fail("\(reply.status)")
            return retry(step)
        }
        if case .stop(let reason) = step { driver.measures.fail(reason) }
        switch phase?.kind {
        case .enrolment?: endTurn()
        // Where handsets take turns, what one says next waits for its next turn: the others would not wait for it.
        case .watch? where ring.count > 1: endTurn()
        default: perform(step)
        }
    }

    private func endTurn() {
        guard let phase else { return }
        if startsAnew {
            startsAnew = false
            place = 0
            return takeTurnSoon()
        }
        turnsTaken += 1
        switch phase.kind {
        case .watch:
            place = (place + 1) % ring.count
            return takeTurnSoon()
        case .rollCall(let turns) where turnsTaken < turns && handsets[place].fault == nil: return takeTurn()
        case .rollCall, .enrolment:
            phase.arrived(number)
            turnsTaken = 0
            place += 1
            if place < ring.count { takeTurn() } else { place = 0 }
        }
    }

    /// From the loop, so that an answer of 0 seconds cannot grow the stack.
    private func takeTurnSoon() {
        isTurnDue = true
        driver.loop.assumeIsolated().execute {
            self.isTurnDue = false
            self.takeTurn()
        }
    }

    private func retry(_ step: Handset.Step) {
        let seconds = if case .rest(let seconds) = step { Int64(seconds) } else { Int64(1) }
        let jitter = Int64.random(in: 0...500, using: &driver.generator)
        driver.loop.assumeIsolated().scheduleTask(in: .milliseconds(min(seconds, 5) * 1_000 + jitter)) {
            self.takeTurn()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        channel = nil
        reader = ResponseReader()
        unpark()
        guard inFlight != nil else { return }
        inFlight = nil
        guard phase != nil else { return }
        driver.measures.fail("connection lost")
        reconnect()
    }

    private func reconnect() {
        let step = handsets[place].lost()
        guard let phase, !phase.isOver else { return }
        connect().assumeIsolated().whenComplete { [self] outcome in
            switch outcome {
            case .success: takeTurn()
            case .failure:
                driver.measures.fail("cannot connect")
                retry(step)
            }
        }
    }

    private func unpark() {
        if isParked { phase?.isWaiting(-1) }
        isParked = false
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
