import SyncProtocol

/// What whoever runs the server may set of the agent listener.
public struct AgentSettings: Sendable {
    /// Event loops.
    public var threads: Int
    /// Connections at once; beyond them a new one is closed without a word.
    public var maximumConnections: Int
    /// Polls parked at once; who asks for more is answered at once and told when to come back.
    public var maximumParked: Int
    /// Parked polls that are let go in a second when something new concerns them; 0 for all at once.
    public var releaseRate: Int
    /// Seconds between two check-ins in quiet times.
    public var checkInSeconds: Int
    /// Seconds that a poll may stay parked, whatever it asks for.
    public var longestWait: Int
    /// Seconds in which a device earns one more request that writes; 0 for no limit.
    public var devicePaceSeconds: Int
    /// Requests that write, under way at once.
    var writesUnderWay = ServerLimits.writesUnderWay
    /// Seconds that a connection has had nothing to do before it may go for another.
    var spareSeconds = ServerLimits.spareSeconds

    public init(
        threads: Int, maximumConnections: Int, maximumParked: Int? = nil,
        releaseRate: Int = ServerLimits.releaseRate, checkInSeconds: Int = ServerLimits.steadySeconds,
        longestWait: Int = WireLimits.waitSeconds, devicePaceSeconds: Int = 0
    ) {
        self.threads = threads
        self.maximumConnections = maximumConnections
        // The rest is for devices that ask and go.
        self.maximumParked = maximumParked ?? maximumConnections * 95 / 100
        self.releaseRate = releaseRate
        self.checkInSeconds = checkInSeconds
        self.longestWait = longestWait
        self.devicePaceSeconds = devicePaceSeconds
    }

    /// From how many connections on a new one is only told when to come back: it costs a place for a moment, and the
    /// device learns more than from a closed door.
    var sheddingFrom: Int { maximumConnections - min(ServerLimits.sheddingPlaces, maximumConnections / 20) }

    /// From how many on those that can be spared go for new ones, before anybody is told that there is no room.
    var crowdedFrom: Int { sheddingFrom - sheddingFrom / ServerLimits.crowdedShare }
}
