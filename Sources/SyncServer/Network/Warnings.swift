import SyncCore
import Synchronization

/// Warnings that clients can bring about as often as they like: each is said once an hour and counted always.
///
/// No client may fill the log's disk, or the memory that this takes: beyond a number of subjects in an hour the rest is
/// counted only.
final class Warnings: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// A device has verified what this store does not have.
        case ahead
        /// A request without `Authorization`: something on the way may take it off.
        case credentialMissing = "credential-missing"
        /// A device writes more often than it may.
        case tooOften = "too-often"
        /// An enrolment that was refused.
        case enrolmentRefused = "enrolment-refused"
        /// A connection beyond what there is room for.
        case noRoom = "no-room"
    }

    private struct Key: Hashable {
        let kind: Kind
        let subject: UInt64
    }

    private struct State {
        /// When each was said last.
        var said: [Key: Int64] = [:]
        var counts: [Kind: Int] = [:]
    }

    private let state = Mutex(State())

    /// Counts one, and tells whether it is to be said.
    ///
    /// - Parameters:
    ///   - subject: whom it is about, of all that there are of this kind.
    ///   - now: milliseconds, on any clock.
    func isDue(_ kind: Kind, about subject: UInt64 = 0, at now: Int64) -> Bool {
        state.withLock { state in
            state.counts[kind, default: 0] += 1
            let key = Key(kind: kind, subject: subject)
            let pause = ServerLimits.warningMilliseconds
            if let last = state.said[key] {
                guard now - last >= pause else { return false }
            } else if state.said.count >= ServerLimits.warnings {
                state.said = state.said.filter { now - $0.value < pause }
                guard state.said.count < ServerLimits.warnings else { return false }
            }
            state.said[key] = now
            return true
        }
    }

    var counts: [(kind: Kind, count: Int)] {
        state.withLock { state in Kind.allCases.map { ($0, state.counts[$0] ?? 0) } }
    }

    var subjects: Int { state.withLock { $0.said.count } }
}
