import Logging
import ServiceLifecycle
import SyncEngine
import SyncServer

/// Has the store put reports into the order of their devices.
///
/// A service, because the work is done in steps, and the writer must not end before it.
struct ReportService: Service {
    let engine: Engine
    let logger: Logger

    func run() async throws { await look(every: ServerLimits.sortSeconds) { await look() } }

    /// Reports that are not sorted are kept all the same; they only take more space.
    private func look() async {
        do {
            try await engine.sortReports(
                atLeast: ServerLimits.sortedReports, orBytes: ServerLimits.sortedReportBytes)
        } catch is CancellationError {
            // The server is going down; what was not finished is begun anew after the next start.
        } catch {
            logger.error("reports could not be sorted", metadata: ["error": "\(error)"])
        }
    }
}
