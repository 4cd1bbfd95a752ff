import Synchronization

/// Bytes of bodies that are being read or worked on, of all operators together.
///
/// One body is read as a whole, and costs some ten times its bytes once it is parsed.
final class BodyBudget: Sendable {
    private let left = Mutex(ServerLimits.bodyBytesUnderWay)

    /// Does something with so many bytes reserved for it.
    ///
    /// - Throws: a problem that says when to come back, where they are not to be had.
    func with<T: Sendable>(_ bytes: Int, _ body: () async throws -> T) async throws -> T {
        let isTaken = left.withLock { left in
            guard bytes <= left else { return false }
            left -= bytes
            return true
        }
        guard isTaken else { throw Problem.overloaded(retryAfter: ServerLimits.bodyRetrySeconds) }
        defer { left.withLock { $0 += bytes } }
        return try await body()
    }
}
