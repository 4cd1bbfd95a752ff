import SyncCore

/// When a device was last heard of, and what it held then.
public struct Seen: Hashable, Sendable {
    public let device: DeviceID
    /// Position of the enrolment within which it was: of an earlier one it says nothing.
    public let enrolment: Seq
    /// Milliseconds since 1970, by the server's clock.
    public let at: Int64
    /// The digest of the policy that it said it holds; nil where it never said.
    public let held: Digest?

    public init(_ device: DeviceID, enrolment: Seq, at: Int64, held: Digest? = nil) {
        self.device = device
        self.enrolment = enrolment
        self.at = at
        self.held = held
    }
}
