import NIOHTTP1
import SyncProtocol

/// Every bound of the two listeners, with its reason.
public enum ServerLimits {
    /// What the headers of a device's request may cost: an agent sends six of at most 200 bytes, a proxy adds some.
    static let decoder: NIOHTTPDecoderLimitConfiguration = {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 4_096
        limits.maxHeaderListSize = 16_384
        limits.maxHeaderFieldCount = 64
        return limits
    }()

    /// Bytes that may wait for the decoder: it takes all that comes at once, unless it waits for another protocol.
    static let undecodedBytes = 32_768

    /// Seconds a connection may take to send a request it has begun: a phone on a bad network sends 2 KB in less.
    static let requestSeconds: Int64 = 30

    /// Parts of requests (heads, pieces of bodies, ends) that wait behind one that is being answered: sixteen requests or
    /// so, and some ten kilobytes. Whoever sends more on one connection is closed behind those.
    static let earlyParts = 64

    /// Bytes and seconds for which a connection is still read behind its last answer: a body of a megabyte on its way.
    static let drainedBytes = 1_024 * 1_024
    static let drainSeconds: Int64 = 10

    /// What a head or an end counts for among them.
    static let passedHeadBytes = 64

    /// Seconds a connection may stay without a request: agents that poll come back sooner, others may connect anew.
    static let idleSeconds: Int64 = 300

    /// Seconds without a word of a device that `status` counts unasked: a day, a week, thirty days. Others may be asked for,
    /// up to ten years.
    static let silenceSteps: [Int64] = [86_400, 604_800, 2_592_000]
    static let silenceSeconds: Int64 = 315_360_000

    /// Milliseconds between two looks at the deadlines of a loop's connections.
    static let sweepMilliseconds: Int64 = 500

    /// Seconds between two writings of when devices were last seen: what a crash may forget of it.
    static let flushSeconds: Int64 = 60

    /// Seconds between two looks for incidents whose time is over: how late one may end.
    static let expirySeconds: Int64 = 5

    /// Days that the log is kept whole: a quarter of a year, in which an audit or a dispute comes up, and longer than any
    /// reader of the log is away. What is older is there as what it made.
    public static let retentionDays = 90

    /// Less than a day would forget what the night shift did; in more than ten years no log is read.
    public static let retentionRange = 1...3_650

    /// Seconds between two looks for what may be forgotten: how much longer than asked it may be there.
    public static let compactionSeconds: Int64 = 3_600

    /// Seconds between two looks at how far the log has gone beyond its image.
    public static let imageSeconds: Int64 = 60

    /// Seconds between two looks at how much freed memory the process still holds.
    public static let memorySeconds: Int64 = 60

    /// Seconds between two looks at whether the store's file is still the one that was opened: nobody may trust a server
    /// for longer whose file is gone.
    public static let placeSeconds: Int64 = 1

    /// Seconds after which it is said again that the store cannot bring what is written into its file.
    public static let checkpointToldSeconds: Int64 = 60

    /// Freed bytes that it may keep for what comes next: less than that is not worth the milliseconds.
    public static let freeBytesKept = 16 * 1_024 * 1_024

    /// Bytes from which on a piece of memory comes from the system alone and goes back to it: more than any request or
    /// answer that comes often.
    static let largePieceBytes: Int32 = 1_024 * 1_024

    /// Seconds between two looks at how many reports wait to be put into the order of their devices.
    public static let sortSeconds: Int64 = 10

    /// Reports from which on it is done: fewer are soon looked through for one device's.
    public static let sortedReports = 16_384

    /// Their bytes from which on it is done, however few they are: the disk that unsorted reports may take, twice what so
    /// many of usual size have.
    public static let sortedReportBytes = 64 * 1_024 * 1_024

    /// Entries after which an image is made anew: to apply them takes a start some tenths of a second.
    public static let imageEntries: UInt64 = 5_000

    /// Devices that a connection remembers: a gateway's few, and some hundred bytes.
    static let knownDevices = 8

    /// Seconds given at shutdown to answers that are on their way.
    static let shutdownSeconds: Int64 = 3

    /// Seconds given to all of it, for each listener in turn: supervisors kill after ten or more.
    public static let stopSeconds: Int64 = 7

    /// Answers that an event loop keeps ready for the next who asks the same: of some KB each; a fleet holds at most
    /// 4,000 classes, most devices a few.
    static let sharedAnswers = 2_048

    /// Seconds between two check-ins in quiet times: 126,000 devices ask 140 times a second.
    public static let steadySeconds = 900

    /// What may be set instead: a minute is 2,100 check-ins a second of such a fleet, in a day a policy is old.
    public static let checkInRange = 60...86_400

    /// Parked polls let go in a second: half of what one small machine answers, so that others are heard meanwhile.
    public static let releaseRate = 20_000

    /// Milliseconds between two shares of them.
    static let releaseMilliseconds = 10

    /// Parked polls that an event loop lets go before it looks after others, where the rate is not limited.
    static let releaseAtOnce = 512

    /// Requests that write, under way at once: about what one small machine writes in a second, which is how long one of
    /// them waits at most, and some 30 MB.
    static let writesUnderWay = 20_000

    /// Bytes of bodies that are being received or under way: what so many requests have, most being of 1 or 2 KB; at
    /// their largest they would be more than a gigabyte.
    static let bodyBytes = 64 * 1_024 * 1_024

    /// Requests done in a second, before any were measured, as one small machine does them. Too much of it costs some a
    /// second refusal; too little would make all of them wait for nothing.
    static let assumedRate = 10_000.0

    /// The least that is taken for it: beyond that the longest wait holds.
    static let leastRate = 100.0

    /// How much of what can be done is promised to those who were turned away; the rest is for those who come anew.
    static let lineShare = 0.8

    /// Seconds that somebody who is turned away is told to wait.
    static let retrySeconds = 1...900

    /// Seconds after the start until all of the limit is admitted: a cold server resolves some thousand classes in less.
    static let rampSeconds = 10.0

    /// Connections kept for telling devices when to come back.
    static let sheddingPlaces = 512

    /// Seconds that a connection has had nothing to do before it may go for another: a handshake over a slow line takes two.
    static let spareSeconds: Int64 = 3

    /// Connections of one loop that one device may keep when places run out: a poll that waits, a report beside it, and one
    /// that is going.
    static let connectionsOfDevice = 3

    /// Milliseconds between two looks for connections that can be spared: each is at all of a loop.
    static let roomMilliseconds: Int64 = 100

    /// The part of the places that is kept free of those that can be spared.
    static let crowdedShare = 16

    /// Of a loop's connections, the part that goes at once for others.
    static let roomShare = 8

    /// Connections of operators and their scripts at once: apart from the devices' own, out of the 256 descriptors that
    /// those leave.
    static let operatorConnections = 128

    /// Those of one address, where it is no proxy that was named.
    static let operatorConnectionsOfAddress = 96

    /// Connections of operators beyond them, for telling them when to come back.
    static let operatorsTurnedAway = 16

    /// Seconds that an operator's connection may stay without a request: a person's next command makes a new one.
    static let operatorIdleSeconds: Int64 = 60

    /// Bytes a second of a body that is still taken for coming: a lot of 40 MB over a line of 2 Mbit/s.
    static let slowestBytesPerSecond = 128 * 1_024

    /// Bytes of operators' bodies that have come or are worked on at once: one of the largest, and some of a usual size.
    static let bodyBytesUnderWay = 64 * 1_024 * 1_024

    /// Those of one operator: one of the largest.
    static let bodyBytesOfAuthor = WireLimits.changeSetBytes

    /// Bytes from which on a body is parsed on a thread of its own: what is less takes a part of a millisecond.
    static let largeBodyBytes = 16_384

    /// Seconds after which to try again where they are used up: a large change set takes about one.
    static let bodyRetrySeconds = 5

    /// Seconds that such a connection may take to ask.
    static let sheddingSeconds: Int64 = 5

    /// Seconds after which a device that is ahead of this server asks again.
    static let aheadSeconds = 30

    /// Milliseconds between two warnings of one kind about one device or address: who reads the log learns of it in time,
    /// and one client writes some kilobytes a day.
    static let warningMilliseconds: Int64 = 3_600_000

    /// Devices and addresses that are warned of in that time: some megabyte of log, and some hundred kilobytes of memory.
    static let warnings = 4_096

    /// Addresses of `X-Forwarded-For` that are looked at, from the last on.
    static let forwardedHops = 16

    /// Seconds in which a device earns one more request that writes: a thousandth of what one small machine writes, for each
    /// of 126,000 that would be too much, for those that go wild it is little.
    public static let devicePaceSeconds = 5

    /// Requests that a device may save up: a morning's edits of a terminal that was out, at 64 a request.
    public static let deviceBurst = 60.0

    /// Edits of a user document that cost as much as a request: 64 of them on a large one take the writer a tenth of a
    /// second.
    static let editsForARequest = 4

    /// Bytes that a device may save up and earns in a second: eight of its largest reports, then one in 16 seconds, which
    /// is less than sorting and checkpoints take away.
    static let deviceBytes = DevicePace.Bucket(cost: 1_000 / 4_096, size: 524_288)

    /// The listen backlog; a roll call connects thousands at once (Linux cuts it to somaxconn, 4096 today).
    static let backlog: Int32 = 4_096
}
