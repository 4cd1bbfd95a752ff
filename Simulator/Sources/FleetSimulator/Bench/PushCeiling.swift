import Foundation

/// What the machine does in a second just now: a small server at its fastest, asked between the rounds of a large one.
///
/// Rounds and ceilings take turns, because a machine that others share is another one a minute later.
struct PushCeiling {
    /// Answers in a second, by the clock.
    struct Rates {
        /// Of whole documents.
        let full: Double
        /// Of reports that are on disk.
        let reports: Double
    }

    private static let seconds = 3.0
    /// After so many seconds a server has sorted the reports of a herd: it looks at them every 10 s, and waits once.
    static let restSeconds = 22

    private let bench: Bench
    private let server: ServerProcess
    private let load: CheckInLoad

    static func start(_ bench: Bench) async throws -> PushCeiling {
        let (server, client) = try ServerProcess.consigned(beside: bench.binaries)
        do {
            let stage = try await bench.settledStage(Bench.connections, server, client)
            let load = CheckInLoad(try await stage.driver.settled(), server.ports[0])
            try await stage.driver.stop()
            return PushCeiling(bench: bench, server: server, load: load)
        } catch {
            server.stop()
            throw error
        }
    }

    /// - Parameter round: another one each time; reports are numbered on from it.
    func rates(_ round: Int) async throws -> Rates {
        let full = try await bench.measure(server, load.whole, status: 200, seconds: Self.seconds).perSecond
        return Rates(full: full, reports: try await reports(round))
    }

    /// Of reports alone.
    func reports(_ round: Int) async throws -> Double {
        try await bench.measure(server, load.reports(round), status: 200, seconds: Self.seconds).perSecond
    }

    /// Stands still: what its server has still to do is not to be done at the cost of what is measured against it.
    func pause() { server.pause() }

    func goOn() { server.goOn() }

    func stop() { server.stop() }
}
