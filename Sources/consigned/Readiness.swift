import Foundation
import Logging

/// Says that both listeners are open, in the log and in a file that a starter can wait for.
struct Readiness: Sendable {
    let agentPort: Int
    let portFile: String?
    let begun: ContinuousClock.Instant
    let logger: Logger

    func operatorPort(_ port: Int) {
        let seconds = ((ContinuousClock.now - begun) / .milliseconds(1)).rounded() / 1_000
        logger.info("serving", metadata: ["agent": "\(agentPort)", "operator": "\(port)", "seconds": "\(seconds)"])
        guard let portFile else { return }
        do {
            try Data("\(agentPort) \(port)\n".utf8).write(to: URL(fileURLWithPath: portFile), options: .atomic)
        } catch {
            logger.error("the port file cannot be written", metadata: ["error": "\(error)"])
        }
    }
}

/// The process's limit of open files.
enum OpenFiles {
    /// Descriptors left for the store, the operators and what opens unnoticed.
    private static let reserved = 256

    /// Raises the soft limit to the hard one; gives the number of devices that may be connected.
    static func raised(logger: Logger) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 - reserved }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let devices = max(64, Int(clamping: limit.rlim_cur) - reserved)
        logger.info("connections are limited by open files", metadata: ["devices": "\(devices)"])
        return devices
    }
}
