import DeviceAgent
import NIOCore
import NIOPosix
import SyncCore
import SyncProtocol

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Plays a fleet over real HTTP: event loops, connections, handsets.
final class FleetDriver: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let drivers: [NIOLoopBound<LoopDriver>]
    let connections: Int
    private let fleet: Fleet

    /// Descriptors kept back from connections: a server on the same limit keeps some for itself, and some places for
    /// telling those it has no room for.
    private static let reserved = 2_000

    /// Spreads a fleet over connections: one a handset, within the process's limit of open files.
    static func start(
        _ fleet: Fleet, at agents: AgentAddress, threads: Int, connections limit: Int = .max, run: UInt64
    ) async throws -> FleetDriver {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let catalog = try Catalog.embedded()
        let server = try agents.resolved()
        let connections = min(fleet.members.count, limit, connectionLimit)
        var bounds: [NIOLoopBound<LoopDriver>] = []
        for (number, loop) in Array(group.makeIterator()).enumerated() {
            let bound = try await loop.submit {
                let driver = LoopDriver(loop: loop, agents: agents, server: server, seed: run &+ UInt64(number))
                for connection in stride(from: number, to: connections, by: threads) {
                    let ring = Array(stride(from: connection, to: fleet.members.count, by: connections))
                    let handsets = ring.map { Handset(secrets: fleet.members[$0].secrets, catalog: catalog) }
                    driver.add(
                        ring, handsets,
                        from: try SourceAddress.address(connection: connection, run: run, server: server))
                }
                return NIOLoopBound(driver, eventLoop: loop)
            }.get()
            bounds.append(bound)
        }
        return FleetDriver(group, bounds, connections, fleet)
    }

    private init(
        _ group: MultiThreadedEventLoopGroup, _ drivers: [NIOLoopBound<LoopDriver>], _ connections: Int, _ fleet: Fleet
    ) {
        self.group = group
        self.drivers = drivers
        self.connections = connections
        self.fleet = fleet
    }

    /// - Throws: `AgentAddress.Unreachable`.
    func connect() async throws {
        let all = drivers.map { bound in bound.eventLoop.flatSubmit { bound.value.connectAll() } }
        do {
            for future in all { try await future.get() }
        } catch {
            throw AgentAddress.Unreachable(reason: "\(error)")
        }
    }

    /// - Parameter absent: handsets that take no part, all of those of one connection.
    func begin(_ phase: Phase, without absent: Set<Int> = []) {
        for bound in drivers { bound.eventLoop.execute { bound.value.begin(phase, without: absent) } }
    }

    /// Takes handsets out of the server's reach.
    func disconnect(_ absent: Set<Int>) async throws {
        for bound in drivers { try await bound.eventLoop.submit { bound.value.disconnect(absent) }.get() }
    }

    /// The handsets of one connection in so many, counted from the second.
    func share(one inSoMany: Int) -> Set<Int> {
        Set(fleet.members.indices.filter { $0 % connections % inSoMany == 1 })
    }

    /// Something that a user does on his terminal, and when, by its clock.
    struct Deed: Sendable {
        let edit: UserEdit
        let claimed: Int64
    }

    /// Users do things on their terminals, by number; gives what they did as it will be sent.
    func edit(_ edits: [Int: [Deed]]) async throws -> [Int: [DeviceEdit]] {
        var made: [Int: [DeviceEdit]] = [:]
        for bound in drivers {
            made.merge(try await bound.eventLoop.submit { bound.value.edit(edits) }.get()) { $1 }
        }
        return made
    }

    /// Calls back after so many seconds, on a loop's timer.
    func after(seconds: Double, _ body: @escaping @Sendable () -> Void) -> Scheduled<Void> {
        group.next().scheduleTask(in: .nanoseconds(Int64(seconds * 1e9)), body)
    }

    /// Lets so many real seconds pass, on a loop's timer.
    func pass(seconds: Double) async throws { try await after(seconds: seconds) {}.futureResult.get() }

    /// Calls back again and again.
    func every(milliseconds: Int64, _ body: @escaping @Sendable () -> Void) -> RepeatedTask {
        group.next().scheduleRepeatedTask(initialDelay: .milliseconds(milliseconds), delay: .milliseconds(milliseconds))
        {
            _ in body()
        }
    }

    /// What was counted since the last call.
    func takeMeasures() async throws -> Measures {
        var all = Measures()
        for bound in drivers {
            all.add(
                try await bound.eventLoop.submit {
                    defer { bound.value.measures = Measures() }
                    return bound.value.measures
                }.get())
        }
        return all
    }

    /// What was counted of a herd since the last call; counting begins anew for all loops at once.
    func takeTally() async throws -> Tally {
        let now = NIODeadline.now()
        var all = Tally(start: now)
        for bound in drivers {
            all.add(
                try await bound.eventLoop.submit {
                    defer { bound.value.tally = Tally(start: now) }
                    return bound.value.tally
                }.get())
        }
        return all
    }

    /// How busy the busiest loop was since the last call.
    func takeLoad() async throws -> LoopLoad {
        var all = LoopLoad()
        for bound in drivers {
            all.add(
                try await bound.eventLoop.submit {
                    defer { bound.value.load = LoopLoad() }
                    bound.value.load.end(at: .now())
                    return bound.value.load
                }.get())
        }
        return all
    }

    /// What every handset holds, and what went wrong with it.
    func states() async throws -> [HandsetState] {
        var states = Array(repeating: HandsetState(), count: fleet.members.count)
        for bound in drivers {
            let part = try await bound.eventLoop.submit { bound.value.states }.get()
            for (handset, state) in part { states[handset] = state }
        }
        return states
    }

    /// The handsets that hold their policy and have said so.
    func settled() async throws -> [SettledHandset] {
        var settled: [SettledHandset] = []
        for bound in drivers { settled += try await bound.eventLoop.submit { bound.value.settled }.get() }
        return settled
    }

    func stop() async throws {
        for bound in drivers { try await bound.eventLoop.submit { bound.value.closeAll() }.get() }
        try await group.shutdownGracefully()
    }

    /// Connections that one process may hold.
    static var connectionLimit: Int { openFiles() - reserved }

    /// The process's limit of open files, the soft one raised to the hard one.
    private static func openFiles() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
