import SyncCore

extension Engine {
    /// What a body is read for: plans that people look at hold up no change.
    public enum BodyUse: Sendable { case plan, change }

    /// Reads a large body on a thread of its own: to parse a megabyte takes a tenth of a second, in which none of those
    /// threads would answer or commit that do both.
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
