import Logging
import ServiceLifecycle
import SyncServer
import SyncStoreSQLite

/// Looks every second whether the store's file is still the one that was opened; ends the server where it is not, so that
/// nothing is served from a file that nobody will find again. Writes down what it has, so that an older one is noticed.
struct PlaceService: Service {
    let store: SQLiteStore
    let logger: Logger

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try store.checkIsInPlace()
                do {
                    try store.witness()
                } catch {
                    logger.error("the last position cannot be written down", metadata: ["error": "\(error)"])
                }
                try? await ContinuousClock().sleep(for: .seconds(ServerLimits.placeSeconds))
            }
        }
    }
}
