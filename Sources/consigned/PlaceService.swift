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
            var seconds: Int64 = 0
            var failure: String?
            while !Task.isCancelled {
                try store.checkIsInPlace()
                do {
                    try store.witness()
                } catch {
                    logger.error("the last position cannot be written down", metadata: ["error": "\(error)"])
                }
                let present = store.checkpointFailure
                if present != failure || seconds % ServerLimits.checkpointToldSeconds == 0 {
                    tell(present, before: failure)
                }
                (failure, seconds) = (present, seconds + ServerLimits.placeSeconds)
                try? await ContinuousClock().sleep(for: .seconds(ServerLimits.placeSeconds))
            }
        }
    }

    private func tell(_ failure: String?, before: String?) {
        if let failure {
            logger.error(
                "what is written cannot be brought into the store's file: its -wal grows until the disk is full",
                metadata: ["error": "\(failure)"])
        } else if before != nil {
            logger.notice("what is written is brought into the store's file again")
        }
    }
}
