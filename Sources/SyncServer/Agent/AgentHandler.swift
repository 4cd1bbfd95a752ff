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
        case receiving(HTTPRequestHead, ByteBuffer, since: NIODeadline)
        /// A request is being answered; nothing is due from the client.
        case answering
        case parked(Poll, ParkedDevices.Ticket, deadline: NIODeadline)
        /// The last answer is on its way; when the client has taken it, the connection goes.
        case closing(since: NIODeadline)
        /// There is no connection any more.
        case gone
    }

    let agents: AgentLoop
    private(set) var state = State.idle(since: .now())
    private var context: ChannelHandlerContext?
    private var keepsAlive = true
    var lastIdle: IdleCheckIn?
    var known = KnownDevices()
    /// Parts of requests that came early: at most what one read brought.
    private var early: CircularBuffer<HTTPServerRequestPart> = []
    private var isCatchingUp = false
    private var isReadHeld = false
    /// A connection that never asked anything is not waited for as long as one that did.
    private var hasAnswered = false
    /// There is no room for it: it learns when to come back, and goes.
    private let isShed: Bool
    /// A request of it is under way to the writer.
    private var isAdmitted = false
    var isDue = false
    /// `X-Forwarded-For` of the request.
    private var forwarded: [String] = []

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
        if case .gone = state { return }
        // A request that is under way keeps its place: the writer still has it.
        _ = unpark()
        state = .gone
        early.removeAll()
        agents.closed(self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Bytes that are no HTTP: the decoder is lost, so the connection goes.
        guard error is HTTPParserError, case .idle = state else { return context.close(promise: nil) }
        keepsAlive = false
        answer(.problem(Problem(400, "bad-http", "the request is not HTTP/1.1")))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if isBusy { early.append(part) } else { take(part) }
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
        case .idle, .receiving, .closing, .gone: false
        }
    }

    /// Takes what came early, one request after the other and none inside another's answer.
    private func catchUp() {
        guard !isCatchingUp, !early.isEmpty else { return }
        isCatchingUp = true
        while !isBusy, let part = early.popFirst() { take(part) }
        isCatchingUp = false
        readOn()
    }

    private func take(_ part: HTTPServerRequestPart) {
        switch (part, state) {
        case (.head(let head), .idle): begin(head)
        case (.body(var part), .receiving(let head, var body, let since)):
            guard body.readableBytes + part.readableBytes <= WireLimits.deviceBodyBytes else {
                keepsAlive = false
                return answer(.problem(.bodyTooLarge(WireLimits.deviceBodyBytes)))
            }
            // Nearly always all of it came with one read.
            if body.readableBytes == 0 { body = part } else { body.writeBuffer(&part) }
            state = .receiving(head, body, since: since)
        case (.end, .receiving(let head, let body, _)): complete(head, body)
        default:
            // The rest of a body that was refused already.
            break
        }
    }

    /// Takes a request's head; what there is no room for is refused before its body is read.
    private func begin(_ head: HTTPRequestHead) {
        keepsAlive = head.isKeepAlive && !head.endsDecoding && !agents.isDraining && !isShed
        guard !isShed else { return answer(.problem(.noRoom(retryAfter: agents.placeInLine()))) }
        if head.method == .POST, !agents.hasPlace {
            // A short body is passed over, a long one or one of unknown length is not waited for.
            let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? .max
            keepsAlive = keepsAlive && length <= WireLimits.deviceBodyBytes
            return answer(.problem(.overloaded(retryAfter: agents.placeInLine())))
        }
        state = .receiving(head, ByteBuffer(), since: .now())
    }

    /// Takes a whole request. Only now it has a place: who sends a head and no body keeps nobody out.
    private func complete(_ head: HTTPRequestHead, _ body: ByteBuffer) {
        state = .answering
        guard head.method != .POST || enter() else { return }
        handle(head, body)
    }

    /// Takes a place among those whose request goes to the writer; answers where there is none. It is left with the
    /// answer, and not before: a client that goes meanwhile makes the writer's queue no shorter.
    func enter() -> Bool {
        isAdmitted = agents.enter()
        if !isAdmitted { answer(.problem(.overloaded(retryAfter: agents.placeInLine()))) }
        return isAdmitted
    }

    private func leave() {
        if isAdmitted { agents.leave() }
        isAdmitted = false
    }

    /// Writes an answer and waits for the next request, or closes.
    func answer(_ answer: AgentAnswer) {
        leave()
        guard let context else { return }
        switch state {
        case .closing, .gone: return
        case .idle, .receiving, .answering, .parked: break
        }
        hasAnswered = true
        let closes = !keepsAlive || agents.isDraining
        state = closes ? .closing(since: .now()) : .idle(since: .now())
        let bytes = wrapOutboundOut(answer.bytes(closing: closes))
        guard closes else {
            context.writeAndFlush(bytes, promise: nil)
            return catchUp()
        }
        let channel = context.channel
        context.writeAndFlush(bytes).whenComplete { _ in channel.close(promise: nil) }
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
        case .receiving(_, _, let since):
            guard now - since > .seconds(ServerLimits.requestSeconds) else { return }
            keepsAlive = false
            answer(.problem(Problem(408, "request-too-slow", "the request did not arrive in time")))
        case .parked(_, _, let deadline):
            if now >= deadline { release() }
        case .closing(let since):
            if now - since > .seconds(ServerLimits.requestSeconds) { close() }
        case .answering, .gone: break
        }
    }

    /// Shutdown: a parked poll is answered, an idle connection closed, an answer under way finishes.
    func finish() {
        switch state {
        case .idle: close()
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

extension HTTPRequestHead {
    /// Whether the decoder takes what comes after this request for another protocol's, and reads none of it
    /// (RFC 9110, sections 7.8 and 9.3.6). The request itself is answered as any other.
    fileprivate var endsDecoding: Bool { method == .CONNECT || headers.contains(name: "upgrade") }
}
