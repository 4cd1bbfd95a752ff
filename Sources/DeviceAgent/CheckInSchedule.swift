import SyncCore

/// When a handset asks again, so that a fleet that did something together does not stay together.
public enum CheckInSchedule {
    /// What a server may ask for, in seconds; more or less is cut to this before jitter is drawn.
    public static let hints = 1...86_400

    /// Seconds to wait for a hint (`after`, `Retry-After`): clamped, and then up to a tenth more, drawn anew each time.
    ///
    /// Drawn before, the jitter of a hint beyond the clamp would be cut off, and everybody be back at once.
    public static func wait(hint: Int, using generator: inout some RandomNumberGenerator) -> Double {
        let seconds = Double(min(max(hint, hints.lowerBound), hints.upperBound))
        return seconds + Double.random(in: 0...(seconds / 10), using: &generator)
    }

    /// Seconds to wait before something is said again that failed: drawn from all of the time up to the ceiling, so that
    /// devices which failed together do not come back together.
    public static func backOff(ceiling: Int, using generator: inout some RandomNumberGenerator) -> Double {
        let ceiling = min(max(ceiling, BackOff.least), BackOff.longest)
        return Double.random(in: Double(BackOff.least)...Double(ceiling), using: &generator)
    }

    /// Seconds to wait in quiet times: to the device's own place in the interval, at least half of it away.
    ///
    /// - Parameters:
    ///   - interval: seconds between two check-ins.
    ///   - now: seconds of a clock; it need not be right, only go on.
    public static func quietWait(
        device: String, interval: Int, now: Double, using generator: inout some RandomNumberGenerator
    ) -> Double {
        let interval = Double(min(max(interval, hints.lowerBound), hints.upperBound))
        let place = Double(phase(of: device, interval: Int(interval)))
        let earliest = now + interval / 2
        let rounds = ((earliest - place) / interval).rounded(.up)
        return place + rounds * interval - now + Double.random(in: 0...(interval / 10), using: &generator)
    }

    /// A device's place in an interval of so many seconds: the first 8 bytes of the SHA-256 of its id, as a big-endian
    /// number, modulo the interval.
    public static func phase(of device: String, interval: Int) -> Int {
        let number = Digest(hashing: Array(device.utf8)).bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(number % UInt64(max(1, interval)))
    }
}
