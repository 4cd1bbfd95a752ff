import SyncCore

/// An enrolment token, and how often it was redeemed.
public struct Token: Sendable {
    public let id: TokenID
    public let grant: EnrolmentToken
    /// The one device that the token enrols.
    public var device: DeviceID? { grant.device }
    public internal(set) var isRevoked = false
    /// Which credential became which device: redeeming again with the same one gives the same device.
    var redemptions = Redemptions()

    public var usesLeft: Int { max(0, grant.uses - redemptions.count) }

    /// Whether it enrols a device now, and if not why.
    public enum State: String, Sendable {
        case open, revoked, expired
        case usedUp = "used up"
    }

    /// - Parameter now: milliseconds since 1970.
    public func state(at now: Int64) -> State {
        if isRevoked { return .revoked }
        if usesLeft == 0 { return .usedUp }
        return grant.expires <= now ? .expired : .open
    }
}
