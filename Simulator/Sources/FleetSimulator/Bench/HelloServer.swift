import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// The ceiling: the least that SwiftNIO's HTTP/1.1 pipeline can do, on the same threads as the agent listener.
///
/// It answers everything with so many bytes. `/park` is answered when somebody asks for `/wake`.
public enum HelloServer {
    /// Bytes of the head of its answers, without the digits of the body's length.
    private static let headBytes = "HTTP/1.1 200 OK\r\ncontent-length: \r\n\r\n".utf8.count

    /// Answers until the process ends; calls back with its port.
    ///
    /// - Parameters:
    ///   - answerBytes: of a whole answer, head and body.
    ///   - tls: a certificate and its key, both in PEM; nil for plain HTTP.
    public static func run(
        threads: Int, answerBytes: Int, tls: (certificate: String, key: String)? = nil, opened: (Int) throws -> Void
    ) async throws {
        let context = try tls.map { try tlsContext($0.certificate, $0.key) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let digits = String(max(1, answerBytes - headBytes)).utf8.count
        let body = ByteBuffer(repeating: UInt8(ascii: "h"), count: max(1, answerBytes - headBytes - digits))
        let waiters = Waiters()
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4_096)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: false)
                    try pipeline.addHandler(HelloHandler(body: body, waiters: waiters))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        try opened(channel.localAddress?.port ?? 0)
        try await channel.closeFuture.get()
    }

    private static func tlsContext(_ certificate: String, _ key: String) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        return try NIOSSLContext(configuration: configuration)
    }
}

/// Connections that wait for somebody to ask for `/wake`, by their loop: one hop wakes all of a loop.
private final class Waiters: Sendable {
    private let channels = Mutex<[ObjectIdentifier: [any Channel]]>([:])

    func add(_ channel: any Channel) {
        channels.withLock { $0[ObjectIdentifier(channel.eventLoop), default: []].append(channel) }
    }

    func wake() {
        let all = channels.withLock { channels in
            defer { channels = [:] }
            return channels
        }
        for waiting in all.values {
            waiting.first?.eventLoop.execute {
                for channel in waiting {
                    channel.pipeline.syncOperations.fireUserInboundEventTriggered(HelloHandler.Wake())
                }
            }
        }
    }
}

private final class HelloHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    struct Wake {}

    private let body: ByteBuffer
    private let waiters: Waiters
    private var isParked = false

    init(body: ByteBuffer, waiters: Waiters) {
        self.body = body
        self.waiters = waiters
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            isParked = head.uri == "/park"
            if head.uri == "/wake" { waiters.wake() }
        case .body: break
        case .end: if isParked { waiters.add(context.channel) } else { answer(context) }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is Wake { answer(context) }
    }

    private func answer(_ context: ChannelHandlerContext) {
        let head = HTTPResponseHead(
            version: .http1_1, status: .ok, headers: ["content-length": String(body.readableBytes)])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
