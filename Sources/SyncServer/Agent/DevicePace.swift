/// How much one device has written of late: two buckets, of requests and of bytes, that fill again by themselves.
///
/// Each is kept as the time at which it is full, so that a device that was quiet for a while is as one that never came. A
/// pure machine; times are milliseconds on a clock that never goes back.
struct DevicePace {
    /// Milliseconds in which a bucket earns one, and how many it holds.
    struct Bucket {
        let cost: Double
        let size: Double

        /// When it is full again after so many were taken; nil and how long to wait where it does not have them.
        fileprivate func taking(_ count: Int, fullAt full: Double, now: Double) -> (full: Double, wait: Double) {
            let full = max(full, now) + Double(count) * cost
            return (full, full - now - size * cost)
        }
    }

    private var requestsFull = 0.0
    private var bytesFull = 0.0

    /// Takes a request and its bytes, if there are so many.
    ///
    /// - Returns: the seconds after which there will be; nil where they were taken.
    mutating func take(bytes: Int, at now: Double, _ requests: Bucket) -> Int? {
        let request = requests.taking(1, fullAt: requestsFull, now: now)
        let body = ServerLimits.deviceBytes.taking(bytes, fullAt: bytesFull, now: now)
        let wait = max(request.wait, body.wait)
        guard wait <= 0 else {
            let bounds = ServerLimits.retrySeconds
            return min(bounds.upperBound, max(bounds.lowerBound, Int((wait / 1_000).rounded(.up))))
        }
        (requestsFull, bytesFull) = (request.full, body.full)
        return nil
    }

    /// Takes what a request turns out to cost beyond that, whether it is there or not: the next one waits for it.
    mutating func charge(_ count: Int, at now: Double, _ requests: Bucket) {
        requestsFull = requests.taking(count, fullAt: requestsFull, now: now).full
    }

    /// Whether it is as one that never came.
    func isFull(at now: Double) -> Bool { requestsFull <= now && bytesFull <= now }
}
