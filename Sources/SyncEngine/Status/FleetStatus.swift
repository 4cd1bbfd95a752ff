import SyncCore

/// How a part of the fleet stands.
public struct FleetStatus: Hashable, Sendable {
    /// Which part, and what is asked of it.
    public struct Query: Hashable, Sendable {
        public let unit: OrgPath
        /// Only enrolled devices that this policy reaches, and of their non-compliance what it sets.
        public let policy: PolicyID?
        /// Seconds without a word of a device, for each of which those that were silent so long are counted.
        public let silences: Set<Int64>

        public init(under unit: OrgPath, policy: PolicyID? = nil, silences: Set<Int64> = []) {
            self.unit = unit
            self.policy = policy
            self.silences = silences
        }
    }

    public var states: [Device.State: Int] = [:]
    /// Of the enrolled devices.
    public var standings: [DeviceStanding: Int] = [:]
    /// How many devices that are in sync cannot honour a setting.
    public var nonCompliance: [NonCompliance: Int] = [:]
    /// How many devices could not apply what is due, by the reason that they gave.
    public var failures: [String: Int] = [:]
    /// How many enrolled devices were not heard of for so many seconds, though they were before.
    public var silent: [Int64: Int] = [:]

    public init() {}
}
