import NIOCore
import NIOPosix
import Synchronization

/// Connections that send what they are told and count what comes back: as plain as a load can be.
final class Load: Sendable {
    /// What one connection sends, by turn from 0; nil where it then waits.
    typealias Requests = @Sendable (_ turn: Int) -> ByteBuffer?

    private let group: MultiThreadedEventLoopGroup
    private let channels: Mutex<[any Channel]> = Mutex([])
    private let expected: Int
    fileprivate let count = Atomic<Int>(0)
    fileprivate let strangers = Atomic<Int>(0)
    fileprivate let latest = Atomic<UInt64>(0)
    fileprivate let bytes = Atomic<Int>(0)
    fileprivate let times = Mutex([UInt64]())

    /// - Parameter status: what every answer must have; another is counted as a stranger.
    init(threads: Int, status: Int) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        expected = status
    }

    /// Connects one connection a list of requests, a limited number at a time.
    func connect(port: Int, run: UInt64 = 0, _ requests: [Requests]) async throws {
        let server = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        for start in stride(from: 0, to: requests.count, by: 64) {
            let pending = try (start..<min(start + 64, requests.count)).map { index in
                try connect(to: server, from: index, run, requests[index])
            }
            for future in pending {
                let channel = try await future.get()
                channels.withLock { $0.append(channel) }
            }
        }
    }

    private func connect(
        to server: SocketAddress, from index: Int, _ run: UInt64, _ requests: @escaping Requests
    ) throws -> EventLoopFuture<any Channel> {
        var bootstrap = ClientBootstrap(group: group)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { [self, expected] channel in
                channel.eventLoop.makeCompletedFuture {
                    // A reset instead of TIME_WAIT: a round must not use up the ports of the next.
                    _ = (channel as? any SocketOptionProvider)?.setSoLinger(NIOLinger(l_onoff: 1, l_linger: 0))
                    try channel.pipeline.syncOperations.addHandler(
                        LoadHandler(load: self, status: expected, requests: requests))
                }
            }
        if let source = try SourceAddress.address(connection: index, run: run, server: server) {
            bootstrap = bootstrap.channelOption(SourceAddress.noPortOption, value: 1).bind(to: source)
        }
        return bootstrap.connect(to: server)
    }

    /// Sends every connection's first request.
    func start() {
        for channel in channels.withLock({ $0 }) {
            channel.pipeline.fireUserInboundEventTriggered(LoadHandler.Start())
        }
    }

    var answers: Int { count.load(ordering: .relaxed) }
    var unexpected: Int { strangers.load(ordering: .relaxed) }
    /// When the last answer was whole, in nanoseconds of the clock that never goes back.
    var lastAnswer: UInt64 { latest.load(ordering: .relaxed) }
    /// Bytes of the latest answer, head and body.
    var answerBytes: Int { bytes.load(ordering: .relaxed) }

    /// Waits so many milliseconds, on a timer.
    func wait(milliseconds: Int64) async throws {
        try await group.next().scheduleTask(in: .milliseconds(milliseconds)) {}.futureResult.get()
    }

    /// Waits until so many answers have come.
    ///
    /// - Returns: false when they had not after so many seconds.
    func until(answers expected: Int, seconds: Int) async throws -> Bool {
        for _ in 0..<(seconds * 100) {
            if answers >= expected { return true }
            try await wait(milliseconds: 10)
        }
        return answers >= expected
    }

    func stop() async throws {
        for channel in channels.withLock({ $0 }) { channel.close(promise: nil) }
        try await group.shutdownGracefully()
    }
}

/// One connection of a load.
private final class LoadHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    struct Start {}

    private let load: Load
    private let status: Int
    private let requests: Load.Requests
    private var turn = 0
    /// Bytes of the answer under way that have come, and how many it has; 0 until its head is there.
    private var come = 0
    private var whole = 0
    private var head = ByteBuffer()

    init(load: Load, status: Int, requests: @escaping Load.Requests) {
        self.load = load
        self.status = status
        self.requests = requests
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is Start { send(context) }
    }

    private func send(_ context: ChannelHandlerContext) {
        guard let request = requests(turn) else { return }
        turn += 1
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        come += bytes.readableBytes
        if whole == 0 {
            head.writeBuffer(&bytes)
            guard let read = try? head.withUnsafeReadableBytes(ResponseHead.read) else { return }
            whole = read.bytes + read.bodyBytes
            if read.status != status { load.strangers.wrappingAdd(1, ordering: .relaxed) }
            head.clear()
        }
        guard come >= whole else { return }
        load.bytes.store(whole, ordering: .relaxed)
        load.latest.store(NIODeadline.now().uptimeNanoseconds.magnitude, ordering: .relaxed)
        load.count.wrappingAdd(1, ordering: .relaxed)
        (come, whole) = (0, 0)
        send(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
