import DeviceAgent
import NIOCore
import NIOPosix
import NIOSSL
import SyncCore

/// What one event loop of the simulator has: its handsets, its connections, its counts.
final class LoopDriver {
    let loop: any EventLoop
    var requests: RequestBytes
    let allocator = ByteBufferAllocator()
    private let agents: AgentAddress
    private let server: SocketAddress
    var measures = Measures()
    var generator: SplitMix64
    private(set) var connections: [HandsetConnection] = []
    /// What came is unpacked and read once for all handsets of this loop that it came to.
    var unpacker = Unpacker()
    var reader = AnswerReader()
    /// One copy of each document for all handsets of this loop that hold it.
    var documents: [Digest: [UInt8]] = [:]
    var tally = Tally()
    var load = LoopLoad()
    /// For handsets that take turns in circles.
    var turns = TurnLine()
    /// One wheel for all that wait: a task or a timer each would cost more than the handsets.
    private var wheel = TimerWheel<Turn>()
    private let origin = NIODeadline.now()
    private var isStopped = false

    /// A handset's time to ask.
    private struct Turn {
        let connection: HandsetConnection
        let place: Int
    }

    private static let tickMilliseconds: Int64 = 10

    /// - Parameter server: where the agents' listener was found.
    init(loop: any EventLoop, agents: AgentAddress, server: SocketAddress, seed: UInt64) {
        self.loop = loop
        self.agents = agents
        self.server = server
        requests = RequestBytes(host: agents.hostField)
        generator = SplitMix64(seed: seed)
        keepTime()
    }

    /// Wakes a handset after so many real seconds, not earlier.
    func wake(_ connection: HandsetConnection, _ place: Int, after seconds: Double) {
        let passed = Double((NIODeadline.now() - origin).nanoseconds) / 1e9
        let tick = ((passed + seconds) * 1_000 / Double(Self.tickMilliseconds)).rounded(.up)
        wheel.add(Turn(connection: connection, place: place), at: Int(tick))
    }

    private func keepTime() {
        let expected = NIODeadline.now() + .milliseconds(Self.tickMilliseconds)
        loop.assumeIsolated().scheduleTask(deadline: expected) { [self] in
            guard !isStopped else { return }
            let now = NIODeadline.now()
            load.look(at: now, late: now - expected)
            let tick = (now - origin).nanoseconds / (Self.tickMilliseconds * 1_000_000)
            for turn in wheel.advance(to: Int(tick)) { turn.connection.wake(turn.place) }
            keepTime()
        }
    }

    func add(_ ring: [Int], _ handsets: [Handset], from source: SocketAddress?) {
        connections.append(HandsetConnection(driver: self, ring: ring, handsets: handsets, source: source))
    }

    /// Connects; with TLS the handshake is over then.
    func connect(_ connection: HandsetConnection, from source: SocketAddress?) -> EventLoopFuture<any Channel> {
        let tls: NIOSSLClientHandler?
        do { tls = try agents.tlsHandler() } catch { return loop.makeFailedFuture(error) }
        guard let tls else { return connect([connection], from: source) }
        let promise = loop.makePromise(of: Void.self)
        let connected = connect([tls, Handshake(promise), connection], from: source)
        connected.whenFailure { promise.fail($0) }
        return connected.flatMap { channel in promise.futureResult.map { channel } }
    }

    private func connect(
        _ handlers: [any ChannelHandler], from source: SocketAddress?
    ) -> EventLoopFuture<any Channel> {
        let bound = NIOLoopBound(handlers, eventLoop: loop)
        var bootstrap = ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 512, maximum: 65_536)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // A reset instead of TIME_WAIT: a run must not use up the ports of the next.
                    _ = (channel as? any SocketOptionProvider)?.setSoLinger(NIOLinger(l_onoff: 1, l_linger: 0))
                    try channel.pipeline.syncOperations.addHandlers(bound.value)
                }
            }
        if let source {
            bootstrap = bootstrap.channelOption(SourceAddress.noPortOption, value: 1).bind(to: source)
        }
        return bootstrap.connect(to: server)
    }

    /// Connects all, a limited number at a time: a flood of connects would only meet a full backlog.
    func connectAll() -> EventLoopFuture<Void> {
        let lanes = 64
        let chains = (0..<lanes).map { lane in
            stride(from: lane, to: connections.count, by: lanes).reduce(loop.makeSucceededVoidFuture()) {
                future, index in
                let connection = NIOLoopBound(self.connections[index], eventLoop: loop)
                return future.flatMap { connection.value.connect() }
            }
        }
        return EventLoopFuture.andAllSucceed(chains, on: loop)
    }

    /// What each handset of this loop holds, by number.
    var states: [(Int, HandsetState)] {
        connections.flatMap { connection in
            zip(connection.ring, connection.handsets).map { number, handset in
                (number, HandsetState(handset))
            }
        }
    }

    /// Those that hold their policy and have said so, with the check-in that each would send now.
    var settled: [SettledHandset] {
        connections.flatMap(\.handsets).compactMap { handset in
            guard case .checkIn(let checkIn) = handset.next() else { return nil }
            return SettledHandset(secrets: handset.secrets, checkIn: checkIn)
        }
    }

    func begin(_ phase: Phase, without absent: Set<Int>) {
        // Whoever waited takes part in the new phase from its beginning.
        wheel.removeAll()
        turns.removeAll()
        for connection in connections where !absent.contains(connection.ring[0]) { connection.begin(phase) }
    }

    func disconnect(_ absent: Set<Int>) {
        for connection in connections where absent.contains(connection.ring[0]) { connection.close() }
    }

    /// Users do things; gives what they did, as it will be sent.
    func edit(_ edits: [Int: [FleetDriver.Deed]]) -> [Int: [DeviceEdit]] {
        var made: [Int: [DeviceEdit]] = [:]
        for connection in connections {
            for number in connection.ring {
                made[number] = edits[number]?.compactMap { connection.edit(number, $0.edit, claimed: $0.claimed) }
            }
        }
        return made
    }

    func closeAll() {
        isStopped = true
        wheel.removeAll()
        for connection in connections { connection.close() }
    }
}
