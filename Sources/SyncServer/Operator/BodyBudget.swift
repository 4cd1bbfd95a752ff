import SyncCore
import Synchronization

/// Bytes of bodies that have come and are worked on, of all operators together and of each.
///
/// One body is read as a whole, and costs some ten times its bytes once it is parsed. What is announced and does not come
/// costs nothing, so it takes nothing from others.
final class BodyBudget: Sendable {
    /// Bytes that one request has taken; given back together.
    struct Share: ~Copyable {
        fileprivate let budget: BodyBudget
        fileprivate let author: OperatorName
        private var bytes = 0

        fileprivate init(_ budget: BodyBudget, _ author: OperatorName) {
            self.budget = budget
            self.author = author
        }

        /// - Throws: a problem that says when to come back, where so many more are not to be had.
        mutating func take(_ count: Int) throws(Problem) {
            guard budget.take(count, for: author) else {
                throw .overloaded(retryAfter: ServerLimits.bodyRetrySeconds)
            }
            bytes += count
        }

        deinit { budget.giveBack(bytes, of: author) }
    }

    private struct State {
        var taken = 0
        var byAuthor: [OperatorName: Int] = [:]
    }

    private let state = Mutex(State())

    func share(of author: OperatorName) -> Share { Share(self, author) }

    private func take(_ count: Int, for author: OperatorName) -> Bool {
        state.withLock { state in
            let own = state.byAuthor[author] ?? 0
            guard state.taken + count <= ServerLimits.bodyBytesUnderWay, own + count <= ServerLimits.bodyBytesOfAuthor
            else { return false }
            state.taken += count
            state.byAuthor[author] = own + count
            return true
        }
    }

    private func giveBack(_ count: Int, of author: OperatorName) {
        state.withLock { state in
            state.taken -= count
            let left = (state.byAuthor[author] ?? 0) - count
            state.byAuthor[author] = left > 0 ? left : nil
        }
    }
}
