import Testing

@testable import SyncServer

/// Warnings that clients can bring about.
@Suite struct WarningsTests {
    private static let hour = ServerLimits.warningMilliseconds

    @Test func `each is said once an hour and counted always`() {
        let warnings = Warnings()
        let said = (0..<3_000).filter { warnings.isDue(.ahead, about: 7, at: Int64($0) * Self.hour / 1_000) }
        #expect(said == [0, 1_000, 2_000])
        #expect(warnings.isDue(.ahead, about: 8, at: 0) && warnings.isDue(.tooOften, about: 7, at: 0))
        #expect(warnings.counts.first { $0.kind == .ahead }?.count == 3_001)
    }

    @Test func `whoever asks, neither the log nor the table grows beyond its bound`() {
        let warnings = Warnings()
        var said = 0
        for hour in 0..<3 {
            for subject in 0..<20_000 as Range<UInt64> {
                let now = Int64(hour) * Self.hour
                if warnings.isDue(.credentialMissing, about: subject, at: now) { said += 1 }
                #expect(warnings.subjects <= ServerLimits.warnings)
            }
        }
        #expect(said == 3 * ServerLimits.warnings)
        #expect(warnings.counts.first { $0.kind == .credentialMissing }?.count == 60_000)
    }
}
