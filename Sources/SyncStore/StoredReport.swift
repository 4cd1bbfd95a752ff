import SyncCore

/// The last thing a device said of itself.
public struct StoredReport: Hashable, Sendable {
    public let device: DeviceID
    /// Position of the device's enrolment: report numbers count within one.
    public let enrolment: Seq
    public let number: UInt64
    /// The digest of the policy it holds; nil before the first.
    public let held: Digest?
    /// The digest of a policy it could not apply.
    public let failed: Digest?
    /// Milliseconds since 1970, by the server's clock.
    public let received: Int64
    /// The report as it was sent, in canonical form.
    public let body: [UInt8]

    public init(
        device: DeviceID, enrolment: Seq, number: UInt64, held: Digest?, failed: Digest?, received: Int64,
        body: [UInt8]
    ) {
        self.device = device
        self.enrolment = enrolment
        self.number = number
        self.held = held
        self.failed = failed
        self.received = received
        self.body = body
    }

    /// Which of the device's reports it is.
    public var place: ReportPlace { ReportPlace(enrolment: enrolment, number: number) }
}
