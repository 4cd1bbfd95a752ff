import Collections
import SyncCore

/// The latest documents of classes, and which one a cohort holds: within a limit of bytes.
struct DocumentCache {
    private struct Resolved {
        let revision: Seq
        let document: Document
        /// When it was made, on this cache's clock.
        let made: UInt64
    }

    private struct CohortEntry {
        let policySeq: Seq
        let document: Document
    }

    private let limit: Int
    private var documents: [PolicyClass: Resolved] = [:]
    /// What a cohort was last found to hold; valid while the World's `policySeq` is the same.
    private var cohorts: [CohortID: CohortEntry] = [:]
    /// Classes in the order in which their documents were made; one that was made anew stands in it again.
    private var order: Deque<(PolicyClass, made: UInt64)> = []
    private(set) var clock: UInt64 = 0
    private(set) var bytes = 0
    /// What was there after the last eviction.
    private var kept = (documents: 0, bytes: 0)

    init(limit: Int = Limits.classDocumentBytes) { self.limit = limit }

    var documentCount: Int { documents.count }
    var cohortCount: Int { cohorts.count }

    func document(of cohort: CohortID, at policySeq: Seq) -> Document? {
        guard let entry = cohorts[cohort], entry.policySeq == policySeq else { return nil }
        return entry.document
    }

    func document(of version: ClassVersion) -> Document? {
        guard let resolved = documents[version.policyClass], resolved.revision == version.revision else { return nil }
        return resolved.document
    }

    mutating func keep(_ document: Document, of cohort: CohortID, at policySeq: Seq) {
        cohorts[cohort] = CohortEntry(policySeq: policySeq, document: document)
    }

    /// Keeps the document of a version, unless a later one is there.
    mutating func keep(_ document: Document, of version: ClassVersion) {
        let old = documents[version.policyClass]
        guard old.map({ $0.revision < version.revision }) ?? true else { return }
        clock += 1
        documents[version.policyClass] = Resolved(revision: version.revision, document: document, made: clock)
        order.append((version.policyClass, made: clock))
        bytes += document.size - (old?.document.size ?? 0)
        if bytes > limit { evictOldest() }
        // What was made anew leaves its earlier place behind.
        if order.count > 2 * documents.count + 64 { order = order.filter { documents[$0.0]?.made == $0.made } }
    }

    /// Whether so much came since the last eviction that it is worth looking for what is gone.
    func mayHoldGarbage(in world: World) -> Bool {
        documents.count - kept.documents > max(Limits.goneClassesKept, kept.documents / 4)
            || bytes - kept.bytes > max(Limits.goneClassBytes, kept.bytes / 4)
            || cohorts.count - world.cohorts.entries.count > Limits.goneClassesKept
    }

    /// Lets go what no device of a World needs, and what was not made since the look at it began.
    mutating func evict(allBut classes: Set<PolicyClass>, of world: World, madeBefore begun: UInt64) {
        documents = documents.filter { $0.value.made > begun || classes.contains($0.key) }
        // A later World may have others: their numbers are higher than all that this one gave.
        cohorts = cohorts.filter { $0.key.index > world.cohorts.last || world.cohorts[$0.key] != nil }
        settle()
        kept = (documents.count, bytes)
    }

    /// Lets go a quarter, the oldest first: whoever still needs one has it resolved again.
    private mutating func evictOldest() {
        // The newest stays, however large it is: somebody waits for it.
        while bytes > limit / 4 * 3, documents.count > 1, let (oldest, made) = order.popFirst() {
            guard let resolved = documents[oldest], resolved.made == made else { continue }
            documents[oldest] = nil
            bytes -= resolved.document.size
        }
        settle()
    }

    /// Cohorts keep no document alive whose class has none any more.
    private mutating func settle() {
        let alive = Set(documents.values.map { ObjectIdentifier($0.document) })
        cohorts = cohorts.filter { alive.contains(ObjectIdentifier($0.value.document)) }
        order = order.filter { documents[$0.0]?.made == $0.made }
        bytes = documents.values.reduce(0) { $0 + $1.document.size }
    }
}

extension Document {
    /// Bytes that it takes, about.
    fileprivate var size: Int { bytes.count + (packed?.bytes.count ?? 0) }
}
