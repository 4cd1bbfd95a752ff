import Foundation
import Logging
import Synchronization

/// What SIGTERM and SIGINT come to when clients, or the disk, hold up the end: the first is given a time, the second ends
/// the process at once. What was acknowledged is on disk either way.
final class StopSignals {
    /// Seconds that a stop may take: a supervisor's patience is ten times that, a test's is not.
    private static let seconds = 9

    private let sources: [any DispatchSourceSignal]

    init(logger: Logger) {
        let shared = Shared()
        // A queue of its own: it must come to its turn whatever else is going on.
        let queue = DispatchQueue(label: "signals", qos: .userInteractive)
        sources = [SIGTERM, SIGINT].map { signal in
            let source = DispatchSource.makeSignalSource(signal: signal, queue: queue)
            source.setEventHandler {
                guard shared.count.wrappingAdd(1, ordering: .relaxed).newValue == 1 else {
                    _exit(128 + signal)
                }
                queue.asyncAfter(deadline: .now() + .seconds(Self.seconds)) {
                    logger.error("the end was held up: the process ends now")
                    LogOutput.shared.flush(within: 300)
                    _exit(ExitCodes.software.rawValue)
                }
            }
            source.resume()
            return source
        }
    }

    private final class Shared: Sendable {
        let count = Atomic<Int>(0)
    }
}
