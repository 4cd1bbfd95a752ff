import NIOCore
import NIOTLS

/// Waits for the end of a connection's handshake, then leaves its pipeline: a connection counts as there only when both
/// sides have done the work that TLS takes.
package final class Handshake: ChannelInboundHandler, RemovableChannelHandler {
    package typealias InboundIn = ByteBuffer

    /// The connection went before it was over.
    struct Broken: Error {}

    private let promise: EventLoopPromise<Void>

    package init(_ promise: EventLoopPromise<Void>) { self.promise = promise }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            promise.succeed()
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.fireErrorCaught(error)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        promise.fail(Broken())
        context.fireChannelInactive()
    }

    package func handlerRemoved(context: ChannelHandlerContext) { promise.fail(Broken()) }
}
