/// Every bound of the wire, with its reason; both ends hold to them.
public enum WireLimits {
    /// Terminals in one lot: the whole fleet could be delivered at once.
    public static let lotRows = 200_000

    /// Bytes of a change set: a lot of 200,000 rows of about 150 bytes.
    public static let changeSetBytes = 40 * 1_024 * 1_024

    /// Edits in one change set, where a lot is one: the units of a whole tree, four times over.
    public static let edits = 20_000

    /// Bytes of what a device sends at once: a report of every setting it could not apply is about 20 KB.
    public static let deviceBodyBytes = 64 * 1_024

    /// Seconds a poll may stay parked: under the five minutes after which mobile networks forget a quiet connection.
    public static let waitSeconds = 240

    /// Seconds that a reader of the log may wait for what comes next: haproxy gives up after 50.
    public static let logWaitSeconds = 45

    /// Devices that one enrolment token may enrol.
    public static let tokenUses: Int64 = 200_000

    /// Characters of an intent: enough for a UUID or a ticket's name.
    public static let intentBytes = 128

    /// Characters of a reason.
    public static let reasonBytes = 1_024

    /// Rows of one page of a list.
    public static let pageRows = 1_000

    /// Bytes of a token or a credential: 32 random bytes in hexadecimal, with room for another form.
    public static let secretBytes = 32...128

    /// Parts of one setting listed in a plan or an explanation: all of a catalogue of 3,000 applications.
    public static let partsListed = 4_000

    /// Values of settings listed in one plan: many classes may each have another.
    public static let settingChangesListed = 1_000

    /// Bytes of a value that a plan shows; of a larger one it says how large it is, and which parts change.
    public static let planValueBytes = 4_096

    /// Bytes of the values in one page of the log: with the largest value after it and all that stands around, a page
    /// stays far below what a client takes in one answer. A lot of 200,000 rows is read in two hundred pages.
    public static let logPageBytes = 4 * 1_024 * 1_024

    /// Bytes of one answer that a client takes: the largest pages and plans, several times over.
    public static let answerBytes = 40 * 1_024 * 1_024

    /// Contested settings listed in one plan: more than anybody reads, less than every class of a fleet could make.
    public static let contestsListed = 200
}
