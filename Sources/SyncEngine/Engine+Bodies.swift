import SyncCore

extension Engine {
    /// What a body is read for: plans that people look at hold up no change.
    public enum BodyUse: Sendable { case plan, change }

    /// Reads a large body on a thread of its own: the largest takes half a second, in which one of the threads would do
    /// nothing else that answer and commit.
    ///
    /// - Throws: `Refusal.overloaded` where as many wait as may; what the body throws otherwise.
    public func reading<T: Sendable>(
        for use: BodyUse, _ body: @escaping @Sendable () throws -> T
    ) async throws -> T {
        let workers = use == .plan ? pools.planBodies : pools.changeBodies
        let outcome = try await workers.run { () throws(Refusal) in Result(catching: body) }
        return try outcome.get()
    }
}
