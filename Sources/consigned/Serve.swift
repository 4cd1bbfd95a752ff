import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import SyncCore
import SyncEngine
import SyncProtocol
import SyncServer
import SyncStore
import SyncStoreSQLite

/// `consigned serve`: the two listeners over one engine, until a signal.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve devices and operators.",
        discussion: """
            SIGTERM and SIGINT stop it: what was acknowledged is on disk, parked polls are answered. With a certificate \
            both listeners speak TLS 1.2 and 1.3 only. Plain HTTP leaves the machine only with --insecure.
            """)

    @OptionGroup var location: StoreLocation
    @OptionGroup var listeners: Listeners
    @OptionGroup var load: LoadOptions
    @OptionGroup var retention: RetentionOptions

    @Flag(help: "Go on with a store that is older than what was acknowledged; devices then state what they have.")
    var acceptOlder = false

    func run() async throws {
        let logger = JSONLogHandler.bootstrap(level: listeners.level)
        let limits = OpenFiles.raised(logger: logger)
        let begun = ContinuousClock.now
        let identity = try listeners.tls.identity
        let signals = StopSignals(logger: logger)
        defer {
            withExtendedLifetime(signals) {}
            LogOutput.shared.flush(within: 1_000)
        }
        do {
            let store = try SQLiteStore(
                path: try location.path,
                acceptingOlderAt: acceptOlder ? UInt64(Date().timeIntervalSince1970) : nil)
            guard try await store.read({ try $0.head() }).seq > 0 else {
                throw StoreError.unusable(
                    "\(try location.path) is at position 0, expected a first entry: what `consigned init` wrote is missing"
                )
            }
            let clock: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1_000) }
            let engine = try await Engine.open(
                store, catalog: try Catalog.embedded(), maker: Build.name, logger: logger, pack: GzipMember.pack,
                now: clock)
            try await serve(
                engine, PlaceService(store: store, logger: logger), identity, begun: begun, limits: limits,
                logger: logger,
                clock: clock)
            await ImageService(engine: engine, logger: logger).look()
            try store.close()
            logger.info("stopped")
        } catch let error as StoreError {
            complain("consigned serve: \(error.sentence)")
            logger.critical("the store cannot be used", metadata: ["error": "\(error)"])
            throw error == .inUse
                ? ExitCodes.storeInUse : error.isFailure ? ExitCodes.software : ExitCodes.storeUnusable
        }
    }

    private func serve(
        _ engine: Engine, _ place: PlaceService, _ identity: TLSIdentity?, begun: ContinuousClock.Instant, limits: Int,
        logger: Logger, clock: @escaping @Sendable () -> Int64
    ) async throws {
        let agents: AgentListener
        do {
            agents = try await AgentListener.open(
                host: try listeners.agentHost, port: try listeners.agentPort, engine: engine, logger: logger,
                settings: load.settings(connections: limits), identity: identity,
                proxies: listeners.proxies, now: clock)
        } catch {
            complain("consigned serve: the agent port cannot be opened: \(error)")
            throw ExitCodes.unavailable
        }
        let ready = Readiness(agentPort: agents.port, portFile: listeners.portFile, begun: begun, logger: logger)
        let operators = try OperatorListener.application(
            host: try listeners.operatorHost, port: try listeners.operatorPort, engine: engine, agents: agents,
            identity: identity, proxies: listeners.proxies, logger: logger
        ) { ready.operatorPort($0) }
        // Services stop in the reverse order: first nobody new is let in, last the writer ends.
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(service: EngineService(engine: engine), failureTerminationBehavior: .gracefullyShutdownGroup),
                .init(
                    service: RetentionService(
                        engine: engine, milliseconds: retention.milliseconds,
                        believesClock: retention.believeClock, logger: logger, now: clock)),
                .init(service: ReportService(engine: engine, logger: logger)),
                .init(service: ImageService(engine: engine, logger: logger)),
                .init(service: place, failureTerminationBehavior: .gracefullyShutdownGroup),
                .init(service: MemoryService()),
                .init(service: agents, failureTerminationBehavior: .gracefullyShutdownGroup),
                .init(service: operators, failureTerminationBehavior: .gracefullyShutdownGroup),
            ], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        // Whoever still sends or takes something then is cut off.
        configuration.maximumGracefulShutdownDuration = .seconds(ServerLimits.stopSeconds)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error where !(error is StoreError) {
            complain("consigned serve: the operator port cannot be opened or failed: \(error)")
            throw ExitCodes.unavailable
        }
    }
}

/// The engine as a service: closed last, so that what the listeners took is still committed.
struct EngineService: Service {
    let engine: Engine

    func run() async throws {
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await engine.run()
        } onCancelOrGracefulShutdown: {
            engine.close()
        }
    }
}

extension StoreError {
    fileprivate var isFailure: Bool { if case .failed = self { true } else { false } }
}
