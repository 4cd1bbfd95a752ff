import NIOCore

/// How handsets live in a part of a scenario: each by its own clock, waiting as the protocol says.
struct Life: Sendable {
    /// When each begins.
    enum Start: Sendable {
        /// At its own place in the interval between check-ins.
        case atOwnPlace
        /// At some moment of so many seconds of scenario time; 0 for all at once.
        case within(seconds: Double)
    }

    /// What handsets do wrong, to see it found.
    enum Fault: Sendable {
        /// They wait a tenth of what they must.
        case impatient
        /// They all have the same place in the interval.
        case together
    }

    let start: Start
    /// Seconds of scenario time in one real second. What handsets time by themselves, and how often they are to come
    /// in quiet times, runs so much faster. A refusal's `Retry-After` does not: the server works it out from what it
    /// does in a real second.
    let pace: Double
    let fault: Fault?

    /// The real time of so many seconds of scenario time.
    func real(_ seconds: Double) -> Double { seconds / pace }
}
