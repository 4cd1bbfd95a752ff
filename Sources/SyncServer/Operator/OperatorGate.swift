import HTTPTypes
import NIOCore
import NIOHTTPTypes
import SyncCore

/// What an operator's connection may cost: stands between the decoder and the routes of each.
///
/// A request has a time to begin and a time to end; after an answer that did not wait for the request's body nothing of it
/// is read on, but the answer is not lost over it (RFC 9112, section 9.6): the output is closed, what still comes is passed
/// over for a while, and then the connection goes. A body that waits for `100 Continue` (RFC 9110, section 10.1.1) is asked
/// for when a route wants it. Answers to HEAD lose their body here.
final class OperatorGate: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// A route is about to read the body.
    struct BodyWanted: Sendable {}

    private enum Phase {
        case idle
        /// A request's head is there, and its body is coming; the bytes that came.
        case receiving(Int)
        /// The whole request is there, and the answer is not.
        case answering
        /// The last answer was given; bytes that came after it.
        case draining(Int)
    }

    private let places: OperatorPlaces
    private var phase = Phase.idle
    private var since = NIODeadline.now()
    private var isFull = false
    private var isHead = false
    private var expectsContinue = false
    private var isStopping = false
    /// Parts of requests that came early: at most what one read brought.
    private var early: CircularBuffer<HTTPRequestPart> = []
    private var isReadHeld = false
    private var watch: RepeatedTask?

    init(places: OperatorPlaces) { self.places = places }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
        let bound = NIOLoopBound((gate: self, context: context), eventLoop: context.eventLoop)
        watch = context.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            bound.value.gate.look(bound.value.context)
        }
    }

    /// Who it is from is known once it is active.
    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        isFull = places.admit(context.channel) == .full
        since = .now()
    }

    func handlerRemoved(context: ChannelHandlerContext) { watch?.cancel() }

    /// How long it is waited for begins when a client stops taking.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if !context.channel.isWritable { since = .now() }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        watch?.cancel()
        context.fireChannelInactive()
    }

    /// Closes what took its time.
    private func look(_ context: ChannelHandlerContext) {
        guard let seconds = patience(context), .now() - since > .seconds(seconds) else { return }
        context.close(promise: nil)
    }

    /// Seconds that the present phase may last; nil for as long as it takes.
    private func patience(_ context: ChannelHandlerContext) -> Int64? {
        switch phase {
        case _ where isFull: ServerLimits.sheddingSeconds
        case .idle: isStopping ? 0 : ServerLimits.operatorIdleSeconds
        // Large bodies may take as long as a slow line takes for them.
        case .receiving(let bytes):
            isStopping ? 1 : ServerLimits.requestSeconds + Int64(bytes / ServerLimits.slowestBytesPerSecond)
        // What the server itself takes is its own affair; a client that takes no answer is not.
        case .answering: context.channel.isWritable ? nil : ServerLimits.requestSeconds
        case .draining: ServerLimits.drainSeconds
        }
    }

    private func enter(_ next: Phase) {
        phase = next
        since = .now()
    }

    // MARK: What comes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        switch phase {
        case .draining(let bytes): passOver(part, bytes, context)
        // The next request waits for the answer to this one (RFC 9112, section 9.3.2).
        case .answering: early.append(part)
        case .idle, .receiving: take(part, context)
        }
    }

    private func take(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head):
            enter(.receiving(0))
            isHead = head.method == .head
            expectsContinue = head.headerFields[.expect]?.lowercased() == "100-continue"
            if isFull { return refuse(context) }
        case .body(let buffer):
            if case .receiving(let bytes) = phase { phase = .receiving(bytes + buffer.readableBytes) }
        case .end: enter(.answering)
        }
        context.fireChannelRead(wrapInboundOut(part))
    }

    /// Takes what came early, up to the end of one request.
    private func takeEarly(_ context: ChannelHandlerContext) {
        guard !early.isEmpty else { return }
        while !isBusy, let part = early.popFirst() { take(part, context) }
        context.fireChannelReadComplete()
        guard early.isEmpty, isReadHeld else { return }
        isReadHeld = false
        context.read()
    }

    private var isBusy: Bool {
        switch phase {
        case .idle, .receiving: false
        case .answering, .draining: true
        }
    }

    /// Nothing more is read while requests wait for their turn.
    func read(context: ChannelHandlerContext) {
        if early.isEmpty { context.read() } else { isReadHeld = true }
    }

    private func passOver(_ part: HTTPRequestPart, _ bytes: Int, _ context: ChannelHandlerContext) {
        guard case .body(let buffer) = part else { return }
        phase = .draining(bytes + buffer.readableBytes)
        if bytes + buffer.readableBytes > ServerLimits.drainedBytes { context.close(promise: nil) }
    }

    /// There is no place for it: it learns when to come back.
    private func refuse(_ context: ChannelHandlerContext) {
        let problem = Problem.noRoom(retryAfter: ServerLimits.retrySeconds.lowerBound)
        var head = HTTPResponse(status: .init(code: problem.status))
        let body = ByteBuffer(bytes: problem.body)
        head.headerFields = [
            .contentType: Problem.mediaType, .retryAfter: "\(problem.retryAfter ?? 1)", .cacheControl: "no-store",
            .contentLength: "\(body.readableBytes)", .connection: "close",
        ]
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !isHead { context.write(wrapOutboundOut(.body(body)), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        enter(.draining(0))
        closeOutput(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            isStopping = true
            if case .idle = phase { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: What goes out

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is BodyWanted else { return context.triggerUserOutboundEvent(event, promise: promise) }
        if expectsContinue, case .receiving(0) = phase {
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
        }
        expectsContinue = false
        promise?.succeed()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            if isUnread || isStopping { head.headerFields[.connection] = "close" }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body where isHead: promise?.succeed()
        case .body: context.write(data, promise: promise)
        case .end:
            context.writeAndFlush(data, promise: promise)
            guard isUnread else {
                enter(.idle)
                return takeEarly(context)
            }
            enter(.draining(0))
            // Who asked the routes is told that this was all.
            context.fireChannelRead(wrapInboundOut(.end(nil)))
            context.fireChannelReadComplete()
            closeOutput(context)
        }
    }

    /// Whether the request that is answered has more to come.
    private var isUnread: Bool { if case .receiving = phase { true } else { false } }

    private func closeOutput(_ context: ChannelHandlerContext) { context.close(mode: .output, promise: nil) }
}
