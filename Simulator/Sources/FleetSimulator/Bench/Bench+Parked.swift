import Foundation
import NIOCore
import SyncClient
import SyncCore

extension Bench {
    /// What parking so many took, and waking them.
    private struct Parked {
        /// Kilobytes of the server for each.
        var memory = 0.0
        /// From the order to wake them to the last byte of the last answer.
        var seconds = 0.0
        var answerBytes = 0
    }

    private typealias Pair = (ours: Parked, bare: Parked)

    /// Memory of a parked device, and how long it takes to wake all of them with what changed, over bare SwiftNIO that
    /// holds as many connections and sends as many bytes.
    func parked() async throws -> (rows: [Row], charts: [Chart]) {
        let most = min(18_000, FleetDriver.connectionLimit)
        let (server, client) = try ServerProcess.consigned(beside: binaries)
        defer { server.stop() }
        say("parked polls: enrolling \(most) handsets")
        let stage = try await settledStage(most, server, client, threads: 2)
        let handsets = try await stage.driver.settled()
        try await stage.driver.stop()
        let counts = [most / 9, most / 3, most]
        var rounds: [[Pair]] = []
        for count in counts {
            let load = CheckInLoad(Array(handsets.prefix(count)), server.ports[0])
            var pairs: [Pair] = []
            for _ in 0..<3 { pairs.append(try await parkedPair(count, server, stage, load)) }
            rounds.append(pairs)
        }
        guard let last = rounds.last else { return ([], []) }
        let rows = [
            Row(
                name: "parked-memory", unit: "KB a device", pairs: last.map(\.ours.memory), last.map(\.bare.memory),
                target: 1.15, direction: .atMost),
            Row(
                name: "wake-all", unit: "seconds", pairs: last.map(\.ours.seconds), last.map(\.bare.seconds),
                target: 1.5, direction: .atMost),
        ]
        return (rows, [Self.wakeChart(counts, rounds)])
    }

    private static func wakeChart(_ counts: [Int], _ rounds: [[Pair]]) -> Chart {
        func points(_ seconds: (Pair) -> Double) -> [(Double, Double)] {
            zip(counts, rounds).map { (Double($0), median($1.map(seconds))) }
        }
        return Chart(
            title: "Parked polls", subtitle: "Seconds to wake all of them: a straight line means a fixed cost each.",
            x: Chart.Axis(label: "parked polls"), y: Chart.Axis(label: "time to the last answer", unit: "s"),
            kind: .line,
            lines: [
                Chart.Line(name: "consigned", points: points { $0.ours.seconds }),
                Chart.Line(name: "bare SwiftNIO", points: points { $0.bare.seconds }),
            ])
    }

    private func parkedPair(
        _ count: Int, _ server: ServerProcess, _ stage: Stage, _ load: CheckInLoad
    ) async throws -> Pair {
        let ours = try await parkedByServer(server, stage, load)
        let bare = try await parkedBare(load, answerBytes: ours.answerBytes)
        say(
            "\(count) parked: \(Row.short(ours.memory)) KB each of \(Row.short(bare.memory)), woken in "
                + "\(Row.short(ours.seconds)) s of \(Row.short(bare.seconds))")
        return (ours, bare)
    }

    private func parkedByServer(_ server: ServerProcess, _ stage: Stage, _ load: CheckInLoad) async throws -> Parked {
        // A fresh process: what enrolment took and gave back is not counted, nor hides what parking takes.
        _ = try server.restart(options: ["--release-rate", "0"])
        let parked = try await park(server, load.idle, load.parked(seconds: 240)) {
            try await stage.setOneSetting(to: Stage.secondValue)
        }
        // What they hold is due again.
        try await stage.setOneSetting(to: Stage.firstValue)
        return parked
    }

    private func parkedBare(_ load: CheckInLoad, answerBytes: Int) async throws -> Parked {
        let hello = try ServerProcess.hello(beside: binaries, answerBytes: answerBytes)
        defer { hello.stop() }
        return try await park(hello, load.idle, load.parked(seconds: 240, path: "/park")) {
            let waker = Load(threads: 1, status: 200)
            let request = ByteBuffer(string: "GET /wake HTTP/1.1\r\nhost: bench\r\n\r\n")
            try await waker.connect(port: hello.ports[0], [{ turn in turn == 0 ? request : nil }])
            waker.start()
            guard try await waker.until(answers: 1, seconds: 60) else { throw BenchFailure.tooSlow("wake") }
            try await waker.stop()
        }
    }

    /// Parks one poll a connection, then has all of them answered.
    ///
    /// - Parameter warm: requests of which one is answered first, so that what the first one costs is not counted.
    private func park(
        _ server: ServerProcess, _ warm: [Load.Requests], _ polls: [Load.Requests], wake: () async throws -> Void
    ) async throws -> Parked {
        let first = Load(threads: 1, status: 0)
        try await first.connect(port: server.ports[0], [{ turn in turn < 64 ? warm.first?(turn) : nil }])
        first.start()
        guard try await first.until(answers: 64, seconds: 10) else { throw BenchFailure.tooSlow("the first answers") }
        try await first.stop()
        var parked = Parked()
        let before = try server.residentKilobytes()
        let load = Load(threads: 1, status: 200)
        try await load.connect(port: server.ports[0], run: UInt64(Self.clock()), polls)
        load.start()
        try await untilQuiet(server, load)
        parked.memory = (try server.residentKilobytes() - before) / Double(polls.count)
        guard load.answers == 0 else { throw BenchFailure.unexpectedAnswers(load.answers, of: polls.count) }
        let start = Self.clock()
        try await wake()
        guard try await load.until(answers: polls.count, seconds: 60), load.unexpected == 0 else {
            throw BenchFailure.tooSlow("\(load.answers) of \(polls.count) were woken, \(load.unexpected) wrongly")
        }
        parked.seconds = Double(load.lastAnswer) / 1e9 - start
        parked.answerBytes = load.answerBytes
        try await load.stop()
        return parked
    }

    /// Waits until a server has nothing more to do: two looks at its processor time, a fifth of a second apart, agree.
    private func untilQuiet(_ server: ServerProcess, _ load: Load) async throws {
        var last = -1.0
        while case let used = try server.processorSeconds(), used != last {
            last = used
            try await load.wait(milliseconds: 200)
        }
    }
}
