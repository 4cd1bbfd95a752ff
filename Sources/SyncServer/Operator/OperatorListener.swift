import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import ServiceLifecycle
import SyncEngine

/// The listener that operators reach.
public enum OperatorListener {
    /// The application on a port; `opened` is told the port once it listens.
    public static func application(
        host: String, port: Int, engine: Engine, agents: AgentListener, identity: TLSIdentity? = nil,
        proxies: TrustedProxies = TrustedProxies(), logger: Logger,
        opened: @escaping @Sendable (Int) -> Void
    ) throws -> some ApplicationProtocol {
        let places = OperatorPlaces(proxies: proxies)
        let server = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(additionalChannelHandlers: [OperatorGate(places: places)]))
        return Application(
            router: router(OperatorRoutes(engine: engine, load: agents.load)),
            server: try identity.map { try .tls(server, tlsConfiguration: $0.configuration) } ?? server,
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: nil, backlog: Int(ServerLimits.backlog),
                availableConnectionsDelegate: OperatorAccepting()),
            onServerRunning: { opened($0.localAddress?.port ?? 0) },
            logger: logger)
    }

    /// Every route of the listener.
    private static func router(_ routes: OperatorRoutes) -> Router<OperatorContext> {
        let router = Router(context: OperatorContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware())
        router.get("health/live") { _, _ in Answer.json(.object(["status": .string("up")])) }
        router.get("health/ready") { _, _ in try await routes.ready() }
        router.get("metrics") { request, _ in try await routes.metrics(request) }
        router.get("v1/me") { request, _ in try routes.me(request) }
        router.post("v1/plan") { request, context in try await routes.plan(request, context) }
        router.post("v1/changes") { request, context in try await routes.change(request, context) }
        router.get("v1/status") { request, _ in try await routes.status(request) }
        router.get("v1/units") { request, _ in try routes.units(request) }
        router.get("v1/policies") { request, _ in try await routes.policies(request) }
        router.get("v1/policy") { request, _ in try await routes.policy(request) }
        router.get("v1/policy/history") { request, _ in try await routes.policyHistory(request) }
        router.get("v1/conflicts") { request, _ in try routes.conflicts(request) }
        router.get("v1/assignments") { request, _ in try await routes.assignments(request) }
        router.get("v1/tokens") { request, _ in try routes.tokens(request) }
        router.get("v1/operators") { request, _ in try routes.operators(request) }
        router.get("v1/devices") { request, _ in try await routes.devices(request) }
        router.get("v1/devices/:id") { request, context in
            try await routes.device(request, context.parameters.get("id"))
        }
        router.get("v1/devices/:id/explain") { request, context in
            try await routes.explain(request, context.parameters.get("id"))
        }
        router.get("v1/devices/:id/user") { request, context in
            try await routes.user(request, context.parameters.get("id"))
        }
        router.get("v1/log") { request, _ in try await routes.log(request) }
        return router
    }
}

/// Turns whatever a route throws into a problem, and an unknown route too.
struct ProblemMiddleware: RouterMiddleware {
    /// The routes that take a body; all others are read.
    private static let posted: Set = ["/v1/plan", "/v1/changes"]

    private static func methods(of path: String) -> String {
        if path == "*" || path == "/" { return "GET, HEAD, POST, OPTIONS" }
        return posted.contains(path) ? "POST, OPTIONS" : "GET, HEAD, OPTIONS"
    }

    func handle(
        _ request: Request, context: OperatorContext,
        next: (Request, OperatorContext) async throws -> Response
    ) async throws -> Response {
        // Health checks ask so, some of them for `*`.
        if request.method == .options {
            return Response(status: .noContent, headers: [.allow: Self.methods(of: request.uri.path)])
        }
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            return Answer.problem(.unknownRoute)
        } catch let error as HTTPError {
            return Answer.problem(Problem(error.status.code, "http", error.body ?? error.status.reasonPhrase))
        } catch {
            let problem = Problem(error)
            if problem.status == 500 {
                context.logger.error(
                    "a request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            }
            return Answer.problem(problem)
        }
    }
}
