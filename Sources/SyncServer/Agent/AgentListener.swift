import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import SyncEngine

/// The listener that devices reach: SwiftNIO's HTTP/1.1 pipeline and one handler. It has no administrative route.
public final class AgentListener: Service {
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let loops: [NIOLoopBound<AgentPipeline>]
    private let sweeps: [RepeatedTask]
    private let logger: Logger
    private let connections: ConnectionCount
    private let service: AgentService

    /// Opens the port; requests are answered from now on.
    ///
    /// - Parameters:
    ///   - identity: with one, nothing but TLS is spoken.
    ///   - proxies: whose word is taken for where a request comes from.
    public static func open(
        host: String, port: Int, engine: Engine, logger: Logger, settings: AgentSettings, identity: TLSIdentity? = nil,
        proxies: TrustedProxies = TrustedProxies(), now: @escaping @Sendable () -> Int64
    ) async throws -> AgentListener {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: settings.threads)
        let service = AgentService(
            engine: engine, logger: logger, settings: settings, proxies: proxies, now: now)
        var loops: [ObjectIdentifier: NIOLoopBound<AgentPipeline>] = [:]
        for loop in group.makeIterator() {
            loops[ObjectIdentifier(loop)] = try await loop.submit {
                NIOLoopBound(
                    AgentPipeline(service, settings: settings, identity: identity, loop: loop), eventLoop: loop)
            }.get()
        }
        let connections = ConnectionCount(settings)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: ServerLimits.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 512, maximum: 16_384)
            )
            .childChannelInitializer { [loops] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = loops[ObjectIdentifier(channel.eventLoop)]?.value
                    if connections.isCrowded { pipeline?.agents.makeRoom(now: .now()) }
                    let room = connections.admit(channel)
                    if room != .plenty { service.warnNoRoom(from: IPAddress(channel.remoteAddress)) }
                    guard room != .none else { throw ConnectionCount.TooMany() }
                    try pipeline?.serve(channel, isShed: room == .toSayNo)
                }
            }
        do {
            let channel = try await bootstrap.bind(host: host, port: port).get()
            return AgentListener(group, channel, Array(loops.values), connections, service)
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
    }

    private init(
        _ group: MultiThreadedEventLoopGroup, _ channel: any Channel, _ loops: [NIOLoopBound<AgentPipeline>],
        _ connections: ConnectionCount, _ service: AgentService
    ) {
        let engine = service.engine
        self.group = group
        self.channel = channel
        self.loops = loops
        self.connections = connections
        self.service = service
        logger = service.logger
        let interval = TimeAmount.milliseconds(ServerLimits.sweepMilliseconds)
        let flush = group.next().scheduleRepeatedTask(
            initialDelay: .seconds(ServerLimits.flushSeconds), delay: .seconds(ServerLimits.flushSeconds)
        ) { _ in
            engine.flushSeen()
            engine.forgetUnused()
            service.paces.forgetFull()
        }
        let expiry = group.next().scheduleRepeatedTask(
            initialDelay: .seconds(ServerLimits.expirySeconds), delay: .seconds(ServerLimits.expirySeconds)
        ) { _ in engine.expireIncidents() }
        sweeps =
            [flush, expiry]
            + loops.map { bound in
                bound.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
                    bound.value.agents.sweep(now: .now())
                }
            }
        engine.subscribe { publication in
            for bound in loops { bound.eventLoop.execute { bound.value.agents.drain(publication.reach) } }
        }
    }

    /// The port it listens on.
    public var port: Int { channel.localAddress?.port ?? 0 }

    /// Devices whose poll is parked, as the table that the loops share has it.
    var parkedDevices: Int { service.parked.count }

    /// What devices make of it just now.
    public func load() async -> AgentLoad {
        var load = AgentLoad()
        load.warnings = service.warnings.counts
        for bound in loops {
            load += (try? await bound.eventLoop.submit { bound.value.agents.load }.get()) ?? AgentLoad()
        }
        return load
    }

    /// Answers until graceful shutdown, then every parked poll and what is under way.
    public func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            try? await channel.closeFuture.get()
        } onCancelOrGracefulShutdown: { [channel] in
            channel.close(promise: nil)
        }
        await shutDown()
    }

    func shutDown() async {
        // Nobody is handed to a loop that goes.
        try? await channel.close()
        for sweep in sweeps { sweep.cancel() }
        let emptied = loops.map { bound -> EventLoopFuture<Void> in
            let loop = bound.eventLoop
            let promise = loop.makePromise(of: Void.self)
            loop.execute { bound.value.agents.shutDown(promise) }
            loop.scheduleTask(in: .seconds(ServerLimits.shutdownSeconds)) { bound.value.agents.closeAll() }
            return promise.futureResult
        }
        for future in emptied { try? await future.get() }
        logger.info("the agent listener is down")
        try? await group.shutdownGracefully()
    }
}
