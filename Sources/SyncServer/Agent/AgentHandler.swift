import NIOCore
import NIOHTTP1
import SyncCore
import SyncEngine
import SyncProtocol

/// One connection of a device: reads requests, answers them one at a time, holds a parked poll.
///
/// The decoder in front of it hands over parts of requests; those that come before the answer to an earlier request
/// wait, and nothing more is read meanwhile. All of it runs on the connection's loop.
final class AgentHandler: ChannelDuplexHandler, Parked {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum State {
        case idle(since: NIODeadline)
        /// The head was taken; the body comes.
        case receiving(ByteBuffer, since: NIODeadline)
        /// A request is being answered; nothing is due from the client.
        case answering
        /// Apart, because a poll is half of what a handler would take.
        indirect case parked(Poll, ParkedDevices.Ticket, deadline: NIODeadline)
        /// The last answer is on its way; when the client has taken it, the connection goes.
        case closing(since: NIODeadline)
        /// The last answer was sent and nothing more comes; what the client still sends is passed over, so that the
        /// answer is not lost with it.
        case draining(since: NIODeadline)
        /// There is no connection any more.
        case gone
    }

    /// Why nothing more is taken behind the requests that came early.
    enum End { case notHTTP, tooMany }

    let agents: AgentLoop
    var state = State.idle(since: .now())
    private(set) var context: ChannelHandlerContext?
    /// The request that is being received.
    var request: AgentRequest?
    var keepsAlive = true
    /// Of the answer nothing but the head is asked for.
    var isHeadOnly = false
    /// The request's body has not come to its end.
    var isBodyDue = false
    /// Bytes of it that are held.
    var held = 0
    /// `X-Forwarded-For` of the request.
    var forwarded: [String] = []
    var lastIdle: IdleCheckIn?
    var known = KnownDevices()
    /// Parts of requests that came early: at most what one read brought. No deque, which would take 400 bytes of every
    /// connection for what few clients do.
    private var early: [HTTPServerRequestPart] = []
    private var end: End?
    private var isCatchingUp = false
    private var isReadHeld = false
    /// Bytes that came after the last answer.
    private var drained = 0
    /// A connection that never asked anything is not waited for as long as one that did.
    private var hasAnswered = false
    /// There is no room for it: it learns when to come back, and goes.
    let isShed: Bool
    /// A request of it is under way to the writer.
    private var isAdmitted = false
    var isDue = false

    init(agents: AgentLoop, isShed: Bool) {
        self.agents = agents
        self.isShed = isShed
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        agents.opened(self)
    }

    /// One that ends before it was active tells nothing else.
    func handlerRemoved(context: ChannelHandlerContext) {
        go()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        go()
        context.fireChannelInactive()
    }

    private func go() {
        switch state {
        case .gone: return
        case .parked: _ = unpark()
        case .receiving: leave()
        // A request that is under way keeps its place: the writer still has it.
        case .idle, .answering, .closing, .draining: break
        }
        state = .gone
        early.removeAll()
        agents.closed(self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        // Bytes that are no HTTP: the decoder is lost, so the connection goes.
        case is HTTPParserError: stop(.notHTTP)
        case ByteToMessageDecoderError.dataReceivedInErrorState(_, let bytes): passOver(bytes.readableBytes)
        default: context.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if end != nil {
            passOver(part)
        } else if !isBusy {
            take(part)
        } else if early.count < ServerLimits.earlyParts {
            early.append(part)
        } else {
            stop(.tooMany)
        }
    }

    /// Nothing more is read while requests wait for their turn, or answers for a client that does not take them.
    func read(context: ChannelHandlerContext) {
        if early.isEmpty, context.channel.isWritable { context.read() } else { isReadHeld = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        readOn()
        context.fireChannelWritabilityChanged()
    }

    /// Reads what was held back, if nothing is in its way any more.
    private func readOn() {
        guard isReadHeld, early.isEmpty, let context, context.channel.isWritable else { return }
        isReadHeld = false
        context.read()
    }

    /// Whether the next request must wait.
    private var isBusy: Bool {
        switch state {
        case .answering, .parked: true
        case .idle, .receiving, .closing, .draining, .gone: false
        }
    }

    /// Takes what came early, one request after the other and none inside another's answer.
    private func catchUp() {
        guard !isCatchingUp, !early.isEmpty || end != nil else { return }
        isCatchingUp = true
        while !isBusy, !early.isEmpty { take(early.removeFirst()) }
        isCatchingUp = false
        if end != nil { endIfDone() }
        readOn()
    }

    /// Takes nothing more than what came before; the connection goes when that is answered.
    private func stop(_ why: End) {
        guard end == nil else { return }
        end = why
        endIfDone()
    }

    private func endIfDone() {
        guard let end, early.isEmpty else { return }
        switch (state, end) {
        case (.idle, .notHTTP), (.receiving, .notHTTP):
            keepsAlive = false
            answer(.problem(Problem(400, "bad-http", "the request is not HTTP/1.1 or HTTP/1.0")))
        case (.idle, .tooMany), (.receiving, .tooMany):
            leave()
            state = .closing(since: .now())
            depart(passingOver: true)
        // Those before it are still to be answered, or the last of them was.
        case (.answering, _), (.parked, _), (.closing, _), (.draining, _), (.gone, _): break
        }
    }

    /// Passes over what came behind the last answer.
    func passOver(_ part: HTTPServerRequestPart) {
        switch part {
        case .body(let bytes): passOver(bytes.readableBytes)
        case .head, .end: passOver(ServerLimits.passedHeadBytes)
        }
    }

    private func passOver(_ bytes: Int) {
        drained += bytes
        if drained > ServerLimits.drainedBytes { close() }
    }

    /// Takes a place among those whose request goes to the writer; answers where there is none. It is left with the
    /// answer, and not before: a client that goes meanwhile makes the writer's queue no shorter.
    func enter() -> Bool {
        isAdmitted = agents.enter()
        if !isAdmitted { answer(.problem(.overloaded(retryAfter: agents.placeInLine()))) }
        return isAdmitted
    }

    /// Gives back what the request took.
    func leave() {
        if isAdmitted { agents.leave() }
        isAdmitted = false
        agents.letGo(held)
        held = 0
    }

    /// Writes an answer and waits for the next request, or closes.
    func answer(_ answer: AgentAnswer) {
        leave()
        guard let context else { return }
        switch state {
        case .closing, .draining, .gone: return
        case .idle, .receiving, .answering, .parked: break
        }
        hasAnswered = true
        let closes = !keepsAlive || agents.isDraining
        state = closes ? .closing(since: .now()) : .idle(since: .now())
        let bytes = wrapOutboundOut(answer.bytes(closing: closes, headOnly: isHeadOnly))
        isHeadOnly = false
        guard closes else {
            context.writeAndFlush(bytes, promise: nil)
            return catchUp()
        }
        let isUnread = isBodyDue || !early.isEmpty || end != nil
        early.removeAll()
        readOn()
        context.writeAndFlush(bytes).assumeIsolated().whenComplete { _ in self.depart(passingOver: isUnread) }
    }

    /// Closes behind the last answer. Where more comes than was read, only this side: to close on unread bytes resets the
    /// connection, and the client may lose the answer (RFC 9112, section 9.6).
    private func depart(passingOver: Bool) {
        guard case .closing = state, let context else { return }
        guard passingOver else { return context.close(promise: nil) }
        state = .draining(since: .now())
        context.close(mode: .output, promise: nil)
    }

    func park(_ poll: Poll, in unit: UnitID, until deadline: NIODeadline) {
        if case .gone = state { return }
        state = .parked(poll, agents.park(self, of: poll.device, in: unit), deadline: deadline)
    }

    /// Takes the parked poll back, to answer it.
    func unpark() -> Poll? {
        guard case .parked(let poll, let ticket, _) = state else { return nil }
        state = .answering
        agents.unpark(poll.device, ticket)
        return poll
    }

    func checkDeadlines(now: NIODeadline) {
        switch state {
        case .idle(let since):
            let first = isShed ? ServerLimits.sheddingSeconds : ServerLimits.requestSeconds
            let limit = hasAnswered ? ServerLimits.idleSeconds : first
            if now - since > .seconds(limit) { close() }
        case .receiving(_, let since):
            guard now - since > .seconds(ServerLimits.requestSeconds) else { return }
            keepsAlive = false
            answer(.problem(Problem(408, "request-too-slow", "the request did not arrive in time")))
        case .parked(_, _, let deadline):
            if now >= deadline { release() }
        case .closing(let since):
            if now - since > .seconds(ServerLimits.requestSeconds) { close() }
        case .draining(let since):
            if now - since > .seconds(ServerLimits.drainSeconds) { close() }
        case .answering, .gone: break
        }
    }

    /// How long nothing has been owed to the client, for a connection that may go to make room; nil for one that may not.
    ///
    /// - Parameter takesMore: its device has more connections than it has any use for.
    func spareTime(at now: NIODeadline, takesMore: Bool) -> TimeAmount? {
        switch state {
        case .idle(let since), .closing(let since), .draining(let since): now - since
        // Whoever sends a body slowly and is no device, or is one over and over.
        case .receiving(_, let since): isStranger || takesMore ? now - since : nil
        case .answering, .parked, .gone: nil
        }
    }

    /// No device asked here yet.
    var isStranger: Bool { known.isEmpty }

    /// Shutdown: a parked poll is answered, an idle connection closed, an answer under way finishes.
    func finish() {
        switch state {
        case .idle, .draining: close()
        case .parked: release()
        case .receiving, .answering, .closing, .gone: break
        }
    }

    /// Where the request comes from, for whoever reads the log.
    var client: String {
        guard let peer = IPAddress(context?.remoteAddress) else { return "unknown" }
        return agents.service.proxies.client(peer, forwarded: forwarded).description
    }

    func close() { context?.close(promise: nil) }

    /// Runs on this connection's loop, if it is still there; if not, nobody waits for the request any more.
    func onLoop(_ body: @escaping @Sendable (AgentHandler) -> Void) -> @Sendable () -> Void {
        let bound = NIOLoopBound(self, eventLoop: agents.loop)
        let loop = agents.loop
        return {
            loop.execute {
                if case .gone = bound.value.state { bound.value.leave() } else { body(bound.value) }
            }
        }
    }
}
