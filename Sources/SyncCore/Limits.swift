/// Every bound of the ground layer, with its reason.
///
/// A bound is a promise about what an untrusted byte may cost. Bounds of the edge (connections, bodies a route takes)
/// stand beside the edge they guard; what a document may be stands here, because both ends of the wire must agree.
public enum Limits {
    /// Nesting of a JSON text. AMAPI's deepest policy nests 7 levels; recursion beyond this would spend stack for nothing.
    public static let jsonDepth = 32

    /// Nesting of a setting's value: what stands around it, in a request, an entry, a state, a page or an answer, has room
    /// up to `jsonDepth`.
    public static let valueDepth = 20

    /// Bytes of one setting's value in canonical form: AMAPI's 3,000 applications are about 900 KB.
    public static let settingBytes = 1_024 * 1_024

    /// Bytes of all settings of one policy: an answer that has it stays below what a client reads.
    public static let policyBytes = 2 * 1_024 * 1_024

    /// Bytes of an effective policy: with the user document beside it an answer stays below `jsonBytes`, which is what an
    /// agent reads.
    public static let documentBytes = 3 * 1_024 * 1_024

    /// Bytes of a policy from which on a change to it is checked against `documentBytes` before it is done: policies are
    /// 11 KB at most, so few pay for it.
    public static let largePolicyBytes = 128 * 1_024

    /// Values of one JSON text: a lot of 200,000 rows has two millions, some 250 MB of memory.
    public static let jsonValues = 2_500_000

    /// Nesting and bytes of what the server itself wrote down: far above a value of `jsonDepth` with all that is put around
    /// it, and what a row of SQLite holds.
    public static let storedDepth = 128
    public static let storedBytes = 1_000_000_000

    /// Bytes of one JSON text read whole. The largest real policy is 11 KB; 3,000 application records are about 900 KB.
    public static let jsonBytes = 4 * 1_024 * 1_024

    /// The largest integer magnitude: what an IEEE 754 double holds exactly (RFC 8785, section 3.2.2.3).
    public static let integerMagnitude: Int64 = 9_007_199_254_740_991

    /// Bytes of one object member's name. AMAPI's longest setting path has 79.
    public static let nameBytes = 128

    /// Bytes of one string value: a managed configuration may carry a certificate chain or a small script.
    public static let stringBytes = 65_536

    /// Members of one set or list without a bound of its own (AMAPI: at most 3,000 applications).
    public static let listElements = 10_000

    /// Losing writes kept of one setting: enough to see what happened, too few to grow with every save of a client that
    /// never looks. Older ones remain in the log.
    public static let siblings = 8

    /// Units of work that one change set may cost, a setting looked at each: about two seconds, in which other changes
    /// wait. An import of 5,000 policies with 170 settings takes 850,000.
    public static let workOfChangeSet = 2_000_000

    /// What it costs to resolve one setting of a class, in the same units.
    public static let workOfResolvedSetting = 10

    /// Policies of one change set that others wrote to since its author looked: what each was then is read from the log.
    public static let basesOfChangeSet = 1_000

    /// Threads that resolve classes: a document takes about a millisecond, and a push to 4,000 classes some seconds.
    public static let classThreads = 2

    /// Changes that wait to be checked against their plan, some tenths of a second each for a large fleet: who waits longer
    /// has given up.
    public static let changesWaiting = 32

    /// Plans that wait to be made, a second each for a large fleet.
    public static let plansWaiting = 8

    /// Bodies that wait to be parsed, some ten milliseconds a megabyte.
    public static let bodiesWaiting = 16

    /// Counts and lists of the fleet that wait, some 50 ms each for 126,000 devices.
    public static let countsWaiting = 64

    /// Looks at the past that wait: each reads the log from its floor on, some seconds for a large one.
    public static let replaysWaiting = 8

    /// Devices of which it is remembered why their last enrolment was refused, some hundred bytes each.
    public static let enrolmentRefusalsKept = 4_096

    /// The longest incident: 30 days. What must hold longer is a policy like any other.
    public static let incidentMilliseconds: Int64 = 30 * 86_400_000

    /// Bytes of an application's name: what Android's file system holds in one name, less what it appends.
    public static let packageBytes = 223

    /// Notes on what was written otherwise than it was stated: as many as one reads.
    public static let notesListed = 100

    /// Records and elements that one plan compares, over all settings and classes: a catalogue of 3,000 applications for
    /// some thirty classes. What is beyond it is counted and not looked into.
    public static let planElements = 200_000

    /// Parts of one merged setting that a plan lists as contested: as many as somebody looks through.
    public static let contestParts = 100

    /// Problems reported for one document: enough to mend a policy in one go, too few to be an amplifier.
    public static let problemsListed = 100

    /// Bytes of documents that the server keeps to make deltas from: some 13,000 of 5 KB, three generations of the 4,000
    /// classes of a large fleet.
    public static let documentShelfBytes = 64 * 1_024 * 1_024

    /// Deltas kept between them, some hundred bytes each: one for every class, and for those who missed a push.
    public static let deltasKept = 16_384

    /// Bytes of documents that are kept resolved for the classes there are: 4,000 of 40 KB. Beyond it the oldest are resolved
    /// again when somebody asks.
    public static let classDocumentBytes = 256 * 1_024 * 1_024

    /// Documents, and their bytes, that may be kept of classes that no device is of any more: to find them costs a step a
    /// cohort, so it is not done for each that goes.
    public static let goneClassesKept = 64
    public static let goneClassBytes = 4 * 1_024 * 1_024

    /// Bytes of one user document in its stored form, which is longer than the statement of it: a home screen of some
    /// hundred symbols is about 8 KB. With what stands around a statement it fits into one request of a device, 64 KB.
    public static let userDocumentBytes = 56 * 1_024

    /// Values, elements and fields of one user document that are remembered on their own, deleted records included.
    public static let userPlaces = 2_000

    /// Edits kept of one user document that do not count, over all settings: a screenful for whoever helps its user.
    public static let userSiblings = 64

    /// Bytes of a value that is kept although it does not count: beyond it only the edit's name remains.
    public static let userSiblingBytes = 2_048

    /// Answered edits of a device that are answered alike when they are sent again: as many as one request may carry.
    public static let answeredUserEdits = 64
}

extension Limits {
    /// Bytes that a setting takes in a document: its name in quotes, the colon and the comma among them.
    public static func memberBytes(_ key: String, _ value: JSONValue) -> Int {
        key.utf8.count + 4 + CanonicalWriter.count(of: value)
    }

    /// Milliseconds that a clock may be ahead of the newest entry of the log before it is doubted: somebody changes something
    /// on most days.
    public static let clockAheadMilliseconds: Int64 = 86_400_000

    /// Milliseconds that a clock may gain on the machine's running time between two looks: what is set right by hand or by
    /// the network in small steps stays below.
    public static let clockStepMilliseconds: Int64 = 60_000

    /// Milliseconds after which a clock that was doubted is believed: long enough for a time server or a person to put it
    /// right, short beside an incident.
    public static let clockPatienceMilliseconds: Int64 = 3_600_000
}
