import SyncCore

/// Every bound of a handset's patience, with its reason.
public enum BackOff {
    /// Seconds that any repetition waits at least.
    public static let least = 1

    /// Seconds that the first repetition waits at most; each further one twice as many.
    public static let first = 2

    /// Seconds that a repetition waits at most: a server that comes back has the whole fleet within five minutes.
    public static let longest = 300

    /// Seconds until a device asks again whose credential opens nothing: it may have been enrolled anew, and must cost
    /// nothing until then.
    public static let untilBelieved = 86_400

    /// Seconds to wait where the server refuses for now and names no time.
    public static let unnamed = 30

    /// Seconds until a document is asked for again that was not what its digest says.
    public static let mismatch = 1

    /// The longest wait a poll asks for, in seconds: what the protocol admits.
    public static let longestPoll = 240

    /// A poll that would wait for less than so many seconds asks for no wait: something between ends them all.
    public static let shortestPoll = 5

    /// The most that the next repetition waits, after so many failures in a row.
    public static func ceiling(after failures: Int) -> Int {
        failures > 8 ? longest : min(longest, first << max(0, failures - 1))
    }
}

/// What the server said instead of what was asked for, in its own words.
///
/// An answer without this is of something between: a proxy, a captive portal. Nothing it says of identities or times
/// is the server's.
struct ServerProblem {
    let code: String

    /// Nil where the body is not one of the server's problems (RFC 9457 with the protocol's members).
    init?(_ reply: Handset.Reply) {
        guard let json = try? JSONReader.read(reply.body), let code = json["code"]?.string,
            json["status"]?.integer == Int64(reply.status), json["definite"]?.bool != nil
        else { return nil }
        self.code = code
    }
}
