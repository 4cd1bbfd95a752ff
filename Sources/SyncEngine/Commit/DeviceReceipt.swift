import SyncCore

/// What became of what a device said.
public struct DeviceReceipt: Sendable {
    /// Whether the report is newer than the one that was kept.
    public let isNewReport: Bool
    public let document: UserDocument?
    public let answers: [UserAnswer]
}
