/// What devices make of the agent listener: its connections at one moment, and what it refused since it started.
public struct AgentLoad: Sendable {
    /// Devices that are connected.
    public internal(set) var connections = 0
    /// Of those, the ones whose poll waits for news.
    public internal(set) var parked = 0
    /// Requests that were told to come back later, since the start.
    public internal(set) var refused = 0
    /// Polls that were answered at once because no more could be parked, since the start.
    public internal(set) var unparked = 0
    /// Connections that were closed so that others found room, since the start.
    public internal(set) var closedForRoom = 0
    /// Bytes of bodies that are being received or under way.
    var bodyBytes = 0
    /// Warnings, said or only counted, since the start.
    var warnings: [(kind: Warnings.Kind, count: Int)] = []

    static func += (sum: inout AgentLoad, part: AgentLoad) {
        sum.connections += part.connections
        sum.parked += part.parked
        sum.refused += part.refused
        sum.unparked += part.unparked
        sum.closedForRoom += part.closedForRoom
        sum.bodyBytes += part.bodyBytes
    }
}
