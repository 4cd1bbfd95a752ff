import SyncCore
import Synchronization

/// The documents of the classes that somebody asked for: each resolved once, off the event loops.
final class ClassDocuments: Sendable {
    typealias Waiter = @Sendable (Document) -> Void

    /// A class to resolve, and the World to resolve it in.
    struct Job: Sendable {
        let version: ClassVersion
        let snapshot: Snapshot
    }

    private struct CohortEntry {
        let policySeq: Seq
        let document: Document
    }

    private struct State {
        /// The latest resolved version of each class.
        var documents: [PolicyClass: (revision: Seq, document: Document)] = [:]
        /// What a cohort was last found to hold; valid while the World's `policySeq` is the same.
        var cohorts: [CohortID: CohortEntry] = [:]
        var waiters: [ClassVersion: [Waiter]] = [:]
    }

    private let state = Mutex(State())
    private let jobs: AsyncStream<Job>
    private let jobFeed: AsyncStream<Job>.Continuation

    init() { (jobs, jobFeed) = AsyncStream.makeStream(of: Job.self) }

    /// The document of a device, if it is resolved; the version to wait for, if it is not.
    func find(_ device: Device, in snapshot: Snapshot) -> Standing {
        let world = snapshot.world
        let isAlone = world.deviceAssignments[device.id]?.isEmpty == false
        if !isAlone, let document = cached(device.cohort, at: world.policySeq) { return .document(document) }
        let version = world.version(of: world.policyClass(of: device))
        return state.withLock { state in
            guard let resolved = state.documents[version.policyClass], resolved.revision == version.revision else {
                return .unresolved(version)
            }
            if !isAlone {
                state.cohorts[device.cohort] = CohortEntry(policySeq: world.policySeq, document: resolved.document)
            }
            return .document(resolved.document)
        }
    }

    private func cached(_ cohort: CohortID, at policySeq: Seq) -> Document? {
        state.withLock { state in
            guard let entry = state.cohorts[cohort], entry.policySeq == policySeq else { return nil }
            return entry.document
        }
    }

    /// Calls back with the document of a version: at once if it is resolved, else when it is.
    func whenResolved(_ version: ClassVersion, in snapshot: Snapshot, _ waiter: @escaping Waiter) {
        let ready = state.withLock { state -> Document? in
            if let resolved = state.documents[version.policyClass], resolved.revision == version.revision {
                return resolved.document
            }
            state.waiters[version, default: []].append(waiter)
            if state.waiters[version]?.count == 1 { jobFeed.yield(Job(version: version, snapshot: snapshot)) }
            return nil
        }
        if let ready { waiter(ready) }
    }

    /// Resolves what is asked for until the feed ends.
    func run() async {
        for await job in jobs {
            let world = job.snapshot.world
            let document = Document(world.resolve(job.version.policyClass), world.catalog)
            let waiters = state.withLock { state in
                let known = state.documents[job.version.policyClass]
                if known.map({ $0.revision < job.version.revision }) ?? true {
                    state.documents[job.version.policyClass] = (job.version.revision, document)
                }
                return state.waiters.removeValue(forKey: job.version) ?? []
            }
            for waiter in waiters { waiter(document) }
        }
    }

    func finish() { jobFeed.finish() }
}

/// Where a device stands: its document, or what must be resolved first.
public enum Standing: Sendable {
    case document(Document)
    case unresolved(ClassVersion)
}
