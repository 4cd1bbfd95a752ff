import SyncCore
import TestSupport
import Testing

@testable import SyncServer

/// How often one device may write.
@Suite struct DevicePaceTests {
    @Test func `a device writes no more than it saved up and earned, whatever it tries`() {
        var generator = SeededGenerator(for: "a device writes no more than it saved up")
        for _ in 0..<40 {
            let paces = DevicePaces(seconds: 5)
            let device = DeviceID(seq: 7)
            var (now, taken, bytes) = (1_000.0, 0, 0)
            let begun = now
            for _ in 0..<2_000 {
                let size = Int.random(in: 0...65_536, using: &generator)
                let wait = paces.take(device, bytes: size, at: now)
                if wait == nil { (taken, bytes) = (taken + 1, bytes + size) }
                let seconds = (now - begun) / 1_000
                #expect(Double(taken) <= 60 + seconds / 5 && Double(bytes) <= 524_288 + seconds * 4_096)
                if let wait, Bool.random(using: &generator) {
                    // Who comes when he was told is not sent away again.
                    now += Double(wait) * 1_000
                    #expect(paces.take(device, bytes: size, at: now) == nil)
                    (taken, bytes) = (taken + 1, bytes + size)
                }
                now += Double.random(in: 0...3_000, using: &generator)
            }
        }
    }

    @Test func `the table has those who wrote of late, and forgets them`() {
        let paces = DevicePaces(seconds: 5)
        for round in 0..<50 {
            // Two thousand each minute, each once: they are full again after five seconds.
            for number in 0..<2_000 as Range<UInt64> {
                let device = DeviceID(seq: number + UInt64(round) * 2_000)
                #expect(paces.take(device, bytes: 100, at: Double(round) * 60_000) == nil)
            }
            #expect(paces.count <= 4_000)
        }
        paces.forgetFull(at: 49 * 60_000 + 1)
        #expect(paces.count == 2_000, "none of the last minute is full")
        paces.forgetFull(at: 50 * 60_000)
        #expect(paces.count == 0)
    }

    @Test func `edits cost more than the request that brings them`() {
        let paces = DevicePaces(seconds: 5)
        let device = DeviceID(seq: 7)
        var taken = 0
        while paces.take(device, bytes: 100, at: 0) == nil {
            paces.charge(device, edits: 64, at: 0)
            taken += 1
        }
        #expect(taken == 4)
        #expect(paces.take(DeviceID(seq: 8), bytes: 100, at: 0) == nil)
        #expect(DevicePaces(seconds: 0).take(device, bytes: 1 << 30, at: 0) == nil)
    }

    @Test(arguments: [100, 40_000]) func `who reports at full speed is told when to come back`(bytes: Int) async throws
    {
        let log = LogLines()
        let settings = AgentSettings(threads: 2, maximumConnections: 100, devicePaceSeconds: 3_600)
        try await TestServer.with(settings: settings, logger: log.logger) { server in
            let connections = [try server.connection(), try server.connection()]
            let greedy = try await server.settled(1, over: connections[0])
            let other = try await server.settled(2, over: connections[0])
            let reason = String(repeating: "x", count: 250)
            let said = (0..<max(1, bytes / 300)).prefix(250).map { (setting: "s\($0)", reason: reason) }
            var statuses: [Int: Int] = [:]
            let begun = ContinuousClock.now
            for number in 0..<80 {
                let answer = try await greedy.report(over: connections[number % 2], nonCompliance: said)
                statuses[answer.status, default: 0] += 1
                guard answer.status != 200 else { continue }
                #expect(try JSONReader.read(answer.body)["code"] == .string("too-often"))
                #expect(answer.headers["retry-after"].flatMap { Int($0) } ?? 0 >= 1)
            }
            #expect(Set(statuses.keys) == [200, 429])
            let accepted = statuses[200] ?? 0
            let earned = Int((ContinuousClock.now - begun).components.seconds) * 4_096
            // On a busy machine more is earned meanwhile.
            #expect(bytes == 100 ? accepted == 60 : (5...(524_288 + earned) / 35_000).contains(accepted), "\(accepted)")
            #expect(try await other.report(over: connections[0]).status == 200)
            #expect(try await greedy.checkIn(over: connections[1]).status == 304)
            #expect(log.all.count { $0.contains("more often") } == 1)
        }
    }
}
