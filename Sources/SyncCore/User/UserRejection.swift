/// Why an edit of a user document does not count.
public struct UserRejection: Error, Hashable, Sendable {
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// The policy does not leave this setting to the user.
        case gateClosed = "gate-closed"
        /// The same, and an enforced policy says so: no other policy below it can open it.
        case enforced
        /// The value is beyond the setting's range, or weaker than what the policy asks for.
        case outOfBounds = "out-of-bounds"
        case unknownSetting = "unknown-setting"
        case notWritable = "not-writable"
        case wrongValue = "wrong-value"
        /// The document would grow beyond its limit.
        case tooLarge = "too-large"
        /// The number was used for another edit: the device counts anew from the number it is told.
        case numberTaken = "number-taken"
        /// Another write counts that was made without having seen this one.
        case overtaken
    }

    public let reason: Reason
    /// What would have been taken, in words.
    public let expected: String

    public init(_ reason: Reason, expected: String) {
        self.reason = reason
        self.expected = expected
    }

    /// The document has no room.
    static let full = UserRejection(
        .tooLarge,
        expected: "a document of at most \(Limits.userDocumentBytes) bytes and \(Limits.userPlaces) places")
}
