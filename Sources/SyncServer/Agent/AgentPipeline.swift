import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import SyncEngine

/// What stands behind the sockets of one event loop: the decoder and the handler of each connection.
///
/// Made and used on its loop. The listener puts it behind accepted sockets; whoever counts what a request costs puts it
/// behind a channel without a kernel.
package final class AgentPipeline {
    let agents: AgentLoop
    /// Nil where the listener speaks plain HTTP.
    private let tls: NIOSSLContext?

    init(_ service: AgentService, settings: AgentSettings, identity: TLSIdentity?, loop: any EventLoop) {
        tls = identity?.context
        // Two loops that make the first of its type at one moment can crash in Swift's runtime (6.3).
        _ = Self.decoder
        agents = AgentLoop(service: service, settings: settings, loop: loop)
    }

    /// The only one of its process.
    package convenience init(
        engine: Engine, logger: Logger, settings: AgentSettings, loop: any EventLoop,
        now: @escaping @Sendable () -> Int64
    ) {
        let service = AgentService(engine: engine, logger: logger, settings: settings, now: now)
        self.init(service, settings: settings, identity: nil, loop: loop)
    }

    /// Prepares a connection.
    ///
    /// - Parameter isShed: there is no room for it, and it is only told when to come back.
    package func serve(_ channel: any Channel, isShed: Bool = false) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        try pipeline.addHandlers(Self.decoder, AgentHandler(agents: agents, isShed: isShed))
    }

    private static var decoder: ByteToMessageHandler<HTTPRequestDecoder> {
        ByteToMessageHandler(
            HTTPRequestDecoder(limitConfiguration: ServerLimits.decoder),
            maximumBufferSize: ServerLimits.undecodedBytes)
    }
}
