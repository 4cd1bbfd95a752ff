import NIOCore
import NIOHTTP1
import SyncCore
import SyncEngine
import SyncProtocol

/// One connection of a device: reads requests, answers them one at a time, holds a parked poll.
///
/// The HTTP pipeline in front of it hands over one request after the other. All of it runs on the connection's loop.
final class AgentHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    enum State {
        case idle(since: NIODeadline)
        case receiving(HTTPRequestHead, ByteBuffer, since: NIODeadline)
        /// A request is being answered; nothing is due from the client.
        case answering
        case parked(Poll, deadline: NIODeadline)
        case closing
    }

    let agents: AgentLoop
    private(set) var state = State.idle(since: .now())
    private var context: ChannelHandlerContext?
    private var keepsAlive = true
    var lastIdle: IdleCheckIn?
    /// A connection that never asked anything is not waited for as long as one that did.
    private var hasAnswered = false

    init(agents: AgentLoop) { self.agents = agents }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        agents.opened(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelInactive(context: ChannelHandlerContext) {
        state = .closing
        agents.closed(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Bytes that are no HTTP: the decoder is lost, so the connection goes.
        guard error is HTTPParserError, case .idle = state else { return context.close(promise: nil) }
        keepsAlive = false
        answer(.problem(Problem(400, "bad-http", "the request is not HTTP/1.1")))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .idle):
            keepsAlive = head.isKeepAlive && !agents.isDraining
            state = .receiving(head, ByteBuffer(), since: .now())
        case (.body(var part), .receiving(let head, var body, let since)):
            guard body.readableBytes + part.readableBytes <= WireLimits.deviceBodyBytes else {
                keepsAlive = false
                return answer(.problem(.bodyTooLarge(WireLimits.deviceBodyBytes)))
            }
            body.writeBuffer(&part)
            state = .receiving(head, body, since: since)
        case (.end, .receiving(let head, let body, _)):
            state = .answering
            handle(head, body)
        default:
            // The rest of a body that was refused already.
            break
        }
    }

    /// Writes an answer and waits for the next request, or closes.
    func answer(_ answer: AgentAnswer) {
        guard let context else { return }
        if case .closing = state { return }
        hasAnswered = true
        var headers = answer.headers
        if answer.status != .notModified {
            headers.add(name: "content-length", value: String(answer.body.reduce(0) { $0 + $1.readableBytes }))
        }
        let closes = !keepsAlive || agents.isDraining
        if closes { headers.add(name: "connection", value: "close") }
        state = closes ? .closing : .idle(since: .now())
        let head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        for part in answer.body { context.write(wrapOutboundOut(.body(.byteBuffer(part))), promise: nil) }
        let end = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if closes {
            let channel = context.channel
            end.whenComplete { _ in channel.close(promise: nil) }
        }
    }

    func park(_ poll: Poll, until deadline: NIODeadline) {
        state = .parked(poll, deadline: deadline)
        agents.park(self)
    }

    /// Takes the parked poll back, to answer it.
    func unpark() -> Poll? {
        guard case .parked(let poll, _) = state else { return nil }
        state = .answering
        agents.unpark(self)
        return poll
    }

    func checkDeadlines(now: NIODeadline) {
        switch state {
        case .idle(let since):
            let limit = hasAnswered ? ServerLimits.idleSeconds : ServerLimits.requestSeconds
            if now - since > .seconds(limit) { close() }
        case .receiving(_, _, let since):
            guard now - since > .seconds(ServerLimits.requestSeconds) else { return }
            keepsAlive = false
            answer(.problem(Problem(408, "request-too-slow", "the request did not arrive in time")))
        case .parked(_, let deadline):
            if now >= deadline { release() }
        case .answering, .closing: break
        }
    }

    /// Shutdown: a parked poll is answered, an idle connection closed, an answer under way finishes.
    func finish() {
        switch state {
        case .idle: close()
        case .parked: release()
        case .receiving, .answering, .closing: break
        }
    }

    func close() { context?.close(promise: nil) }

    /// Runs on this connection's loop, if it is still there.
    func onLoop(_ body: @escaping @Sendable (AgentHandler) -> Void) -> @Sendable () -> Void {
        let bound = NIOLoopBound(self, eventLoop: agents.loop)
        let loop = agents.loop
        return { loop.execute { body(bound.value) } }
    }
}
