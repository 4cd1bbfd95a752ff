import Hummingbird
import NIOCore

/// What a route knows of its request beside the request: the connection, to ask for the body.
struct OperatorContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Tells a client that waits for it that its body is wanted.
    func askForBody() { channel.triggerUserOutboundEvent(OperatorGate.BodyWanted(), promise: nil) }
}
