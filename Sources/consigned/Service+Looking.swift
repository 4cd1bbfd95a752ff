import ServiceLifecycle

extension Service {
    /// Looks again and again, so many seconds apart, until the server goes down.
    func look(every seconds: Int64, _ look: @escaping @Sendable () async -> Void) async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await look()
                try? await ContinuousClock().sleep(for: .seconds(seconds))
            }
        }
    }
}
