/// The machine's running time, asleep or not: nobody sets it.
public enum RunningTime {
    private static let beginning = ContinuousClock.now

    /// Milliseconds since it was first asked.
    @Sendable public static func milliseconds() -> Int64 {
        let (seconds, attoseconds) = (ContinuousClock.now - beginning).components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}
