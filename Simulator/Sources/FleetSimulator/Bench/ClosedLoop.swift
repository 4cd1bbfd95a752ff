import NIOCore
import NIOPosix
import Synchronization

/// A load as plain as can be: every connection sends its request again as soon as the answer is there.
final class ClosedLoop: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let count = Atomic<Int>(0)
    private let strangers = Atomic<Int>(0)
    private let channels: Mutex<[any Channel]> = Mutex([])

    init(threads: Int) { group = MultiThreadedEventLoopGroup(numberOfThreads: threads) }

    /// Connects one connection a request.
    ///
    /// - Parameter status: what every answer must have; another is counted as a stranger.
    func connect(port: Int, requests: [ByteBuffer], status: String) async throws {
        for request in requests {
            let channel = try await ClientBootstrap(group: group)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { [self] channel in
                    channel.eventLoop.makeCompletedFuture {
                        _ = (channel as? any SocketOptionProvider)?.setSoLinger(NIOLinger(l_onoff: 1, l_linger: 0))
                        try channel.pipeline.syncOperations.addHandler(
                            RepeatHandler(load: self, request: request, status: Array("HTTP/1.1 \(status)".utf8)))
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
            channels.withLock { $0.append(channel) }
        }
    }

    /// Sends every connection's first request.
    func start() {
        for channel in channels.withLock({ $0 }) {
            channel.pipeline.fireUserInboundEventTriggered(RepeatHandler.Start())
        }
    }

    var answers: Int { count.load(ordering: .relaxed) }
    var unexpected: Int { strangers.load(ordering: .relaxed) }

    fileprivate func answered(asExpected: Bool) {
        count.wrappingAdd(1, ordering: .relaxed)
        if !asExpected { strangers.wrappingAdd(1, ordering: .relaxed) }
    }

    /// Counts for so many milliseconds, on a timer.
    func wait(milliseconds: Int64) async throws {
        try await group.next().scheduleTask(in: .milliseconds(milliseconds)) {}.futureResult.get()
    }

    func stop() async throws {
        for channel in channels.withLock({ $0 }) { channel.close(promise: nil) }
        try await group.shutdownGracefully()
    }
}

/// One connection: an answer in this load ends with the segment it came in, so that counting costs next to nothing.
private final class RepeatHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    struct Start {}

    private let load: ClosedLoop
    private let request: ByteBuffer
    private let status: [UInt8]

    init(load: ClosedLoop, request: ByteBuffer, status: [UInt8]) {
        self.load = load
        self.request = request
        self.status = status
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is Start { context.writeAndFlush(wrapOutboundOut(request), promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        load.answered(asExpected: bytes.readableBytesView.starts(with: status))
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
