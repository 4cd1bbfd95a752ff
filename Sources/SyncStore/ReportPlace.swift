import SyncCore

/// Which of a device's reports one is: numbers count within one enrolment.
///
/// A report replaces those of earlier enrolments, and those with a lower number of the same.
public struct ReportPlace: Hashable, Comparable, Sendable {
    /// Position of the device's enrolment.
    public let enrolment: Seq
    public let number: UInt64

    public init(enrolment: Seq, number: UInt64) {
        self.enrolment = enrolment
        self.number = number
    }

    public static func < (one: ReportPlace, other: ReportPlace) -> Bool {
        (one.enrolment, one.number) < (other.enrolment, other.number)
    }
}
