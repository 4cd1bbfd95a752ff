import SyncCore

/// Whether the clock may be believed where a belief cannot be taken back: a look at it decides nothing by itself.
///
/// A clock that is far ahead of all that is known, or that jumps, is believed after it has kept pace with the
/// machine's running time for a while. A value: it reads no clock.
struct ClockWatch: Sendable {
    /// Milliseconds since 1970, and of the machine's running time, at the last look.
    private var last: (wall: Int64, running: Int64)
    /// Running time when it was first seen where it cannot be believed yet; nil where it is.
    private var doubted: Int64?

    /// - Parameter newest: when the log's last entry was received, as the store has it at the start.
    init(wall: Int64, running: Int64, newest: Int64) {
        last = (wall, running)
        doubted = Self.isFar(wall, from: newest) ? running : nil
    }

    /// Looks again.
    ///
    /// - Returns: whether the clock may be believed. One that was just put right is doubted as well: either may be wrong.
    mutating func look(wall: Int64, running: Int64) -> Bool {
        let step = (wall - last.wall) - (running - last.running)
        last = (wall, running)
        if abs(step) > Limits.clockStepMilliseconds {
            doubted = running
        } else if let since = doubted, running - since >= Limits.clockPatienceMilliseconds {
            doubted = nil
        }
        return doubted == nil
    }

    var isDoubting: Bool { doubted != nil }

    /// Whether a time is so far ahead of the newest entry that the clock is more likely to be wrong than the fleet quiet.
    static func isFar(_ wall: Int64, from newest: Int64) -> Bool { wall - newest > Limits.clockAheadMilliseconds }
}
