import Foundation
import Logging
import ServiceLifecycle
import SyncEngine
import SyncServer

/// Keeps the image of the log that makes the next start short: looks when the server starts, once a minute and when it
/// stops.
struct ImageService: Service {
    let engine: Engine
    let logger: Logger

    func run() async throws { await look(every: ServerLimits.imageSeconds) { await look() } }

    /// A server without an image only starts more slowly.
    func look() async {
        do {
            guard let seq = try await engine.keepImage(after: ServerLimits.imageEntries) else { return }
            logger.info("an image of the log was kept", metadata: ["seq": "\(seq)"])
            // It took as much again as the fleet itself does.
            FreeMemory.giveBack()
        } catch is CancellationError {
            // The server is going down, and looks once more when nothing is under way.
        } catch {
            logger.error("no image of the log could be kept", metadata: ["error": "\(error)"])
        }
    }
}

/// The program that runs.
enum Build {
    /// Another build may read the log otherwise, so no image passes from one to the next: told by the file's size and
    /// its time.
    static let name: String = {
        var file = stat()
        guard stat("/proc/self/exe", &file) == 0 else { return "unknown at \(Date().timeIntervalSince1970)" }
        return "\(file.st_size) \(file.st_mtim.tv_sec).\(file.st_mtim.tv_nsec)"
    }()
}
