import ArgumentParser
import Logging
import ServiceLifecycle
import SyncEngine
import SyncServer

/// How long the log is kept whole.
struct RetentionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Days that the log is kept whole; of what is older, what it made remains.", valueName: "days"))
    var retentionDays = ServerLimits.retentionDays

    @Flag(help: "Forget what is old although nothing was changed for more than a day: the clock is right.")
    var believeClock = false

    func validate() throws {
        guard ServerLimits.retentionRange.contains(retentionDays) else {
            throw ValidationError(
                "--retention-days: found \(retentionDays), expected \(ServerLimits.retentionRange.lowerBound) to "
                    + "\(ServerLimits.retentionRange.upperBound)")
        }
    }

    var milliseconds: Int64 { Int64(retentionDays) * 86_400_000 }
}

/// Looks once an hour for what may be forgotten, and first of all when the server starts.
///
/// The beginning of the log moves by whole days (UTC): the state there is written anew each time it does.
/// A service, because the work takes seconds for a large fleet, and the writer must not end before it.
struct RetentionService: Service {
    let engine: Engine
    let milliseconds: Int64
    let believesClock: Bool
    let logger: Logger
    /// Milliseconds since 1970.
    let now: @Sendable () -> Int64

    func run() async throws { await look(every: ServerLimits.compactionSeconds) { await look() } }

    /// A log that cannot be compacted is no reason to stop serving: it only grows.
    private func look() async {
        let day: Int64 = 86_400_000
        do {
            if !believesClock, try await engine.isClockAhead() {
                return logger.warning(
                    """
                    the clock is more than a day ahead of the newest change: nothing is forgotten until one comes, or \
                    --believe-clock says that the clock is right
                    """)
            }
            guard let done = try await engine.compact(before: (now() - milliseconds) / day * day) else { return }
            logger.info(
                "the log was compacted", metadata: ["floor": "\(done.floor.seq)", "entries": "\(done.entries)"])
        } catch is CancellationError {
            // The server is going down; what was begun is not there.
        } catch {
            logger.error("the log could not be compacted", metadata: ["error": "\(error)"])
        }
    }
}
