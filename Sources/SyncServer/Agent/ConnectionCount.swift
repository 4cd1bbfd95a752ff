import NIOCore
import Synchronization

/// How many devices are connected; near the limit a new one is only told when to come back, beyond it turned away before
/// it costs a descriptor for long.
final class ConnectionCount: Sendable {
    private let open = Atomic<Int>(0)
    private let limit: Int
    private let sheddingFrom: Int
    private let crowdedFrom: Int

    init(_ settings: AgentSettings) {
        limit = settings.maximumConnections
        sheddingFrom = settings.sheddingFrom
        crowdedFrom = settings.crowdedFrom
    }

    struct TooMany: Error {}

    enum Room {
        case plenty
        /// Only to tell it that there is none.
        case toSayNo
        case none
    }

    /// Whether there is soon no room.
    var isCrowded: Bool { open.load(ordering: .relaxed) >= crowdedFrom }

    /// Counts a connection, if there is room for it.
    func admit(_ channel: any Channel) -> Room {
        let count = open.wrappingAdd(1, ordering: .relaxed).newValue
        guard count <= limit else {
            open.wrappingSubtract(1, ordering: .relaxed)
            return .none
        }
        channel.closeFuture.whenComplete { _ in self.open.wrappingSubtract(1, ordering: .relaxed) }
        return count > sheddingFrom ? .toSayNo : .plenty
    }
}
