import ServiceLifecycle
import SyncServer
import SyncStoreSQLite

/// Looks every second whether the store's file is still the one that was opened; ends the server where it is not, so that
/// nothing is served from a file that nobody will find again.
struct PlaceService: Service {
    let store: SQLiteStore

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try store.checkIsInPlace()
                try? await ContinuousClock().sleep(for: .seconds(ServerLimits.placeSeconds))
            }
        }
    }
}
