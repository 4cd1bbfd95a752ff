import ServiceLifecycle
import SyncServer

/// Gives back memory that a herd took and left: looks once a minute.
struct MemoryService: Service {
    func run() async throws { await look(every: ServerLimits.memorySeconds) { FreeMemory.giveBack() } }
}
