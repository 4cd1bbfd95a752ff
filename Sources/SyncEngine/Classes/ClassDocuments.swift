import SyncCore
import Synchronization

/// The documents of the classes that somebody asked for: each resolved once, off the event loops.
final class ClassDocuments: Sendable {
    typealias Waiter = @Sendable (Document) -> Void

    typealias DeltaWaiter = @Sendable (DeltaDocument?) -> Void

    /// Work for the resolver threads.
    enum Job: Sendable {
        /// A class to resolve, and the World to resolve it in.
        case resolve(ClassVersion, Snapshot)
        case delta(from: Document, to: Document, Catalog)
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
        var shelf = DocumentShelf()
        var deltaWaiters: [DocumentShelf.Pair: [DeltaWaiter]] = [:]
    }

    private let state = Mutex(State())
    private let pack: PackedBytes.Packer
    private let jobs: AsyncStream<Job>
    private let jobFeed: AsyncStream<Job>.Continuation

    init(pack: @escaping PackedBytes.Packer) {
        self.pack = pack
        (jobs, jobFeed) = AsyncStream.makeStream(of: Job.self)
    }

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
            if state.waiters[version]?.count == 1 { jobFeed.yield(.resolve(version, snapshot)) }
            return nil
        }
        if let ready { waiter(ready) }
    }

    /// What turns a document that somebody holds into another, as far as it is known: nil where nobody asked yet.
    func delta(from held: Digest, to document: Document) -> DocumentShelf.Entry? {
        state.withLock { state in
            let entry = state.shelf.delta(DocumentShelf.Pair(from: held, to: document.digest))
            return entry ?? (state.shelf[held] == nil ? .notWorthIt : nil)
        }
    }

    /// Calls back when a delta was made, or found not to be worth it: each is made once.
    func whenMade(from held: Digest, to document: Document, _ catalog: Catalog, _ waiter: @escaping DeltaWaiter) {
        let pair = DocumentShelf.Pair(from: held, to: document.digest)
        let ready = state.withLock { state -> DocumentShelf.Entry? in
            if let entry = state.shelf.delta(pair) { return entry }
            guard let old = state.shelf[held] else { return .notWorthIt }
            state.deltaWaiters[pair, default: []].append(waiter)
            if state.deltaWaiters[pair]?.count == 1 { jobFeed.yield(.delta(from: old, to: document, catalog)) }
            return nil
        }
        switch ready {
        case .made(let delta)?: waiter(delta)
        case .notWorthIt?: waiter(nil)
        case nil: break
        }
    }

    /// Does what is asked for until the feed ends.
    func run() async {
        for await job in jobs {
            switch job {
            case .resolve(let version, let snapshot): resolve(version, in: snapshot.world)
            case .delta(let old, let new, let catalog): makeDelta(from: old, to: new, catalog)
            }
        }
    }

    /// The document of a class, resolved here and now if nobody asked for it yet: for who looks at the whole fleet,
    /// never on an event loop.
    func document(of policyClass: PolicyClass, in world: World) -> Document {
        let version = world.version(of: policyClass)
        let known = state.withLock { $0.documents[policyClass] }
        if let known, known.revision == version.revision { return known.document }
        return resolve(version, in: world)
    }

    @discardableResult private func resolve(_ version: ClassVersion, in world: World) -> Document {
        let document = Document(world.resolve(version.policyClass), world.catalog, pack: pack)
        let waiters = state.withLock { state in
            let known = state.documents[version.policyClass]
            if known.map({ $0.revision < version.revision }) ?? true {
                state.documents[version.policyClass] = (version.revision, document)
            }
            state.shelf.keep(document)
            return state.waiters.removeValue(forKey: version) ?? []
        }
        for waiter in waiters { waiter(document) }
        return document
    }

    private func makeDelta(from old: Document, to new: Document, _ catalog: Catalog) {
        let pair = DocumentShelf.Pair(from: old.digest, to: new.digest)
        let delta = DeltaDocument(from: old, to: new, catalog: catalog)
        let waiters = state.withLock { state in
            state.shelf.keep(delta, of: pair)
            return state.deltaWaiters.removeValue(forKey: pair) ?? []
        }
        for waiter in waiters { waiter(delta) }
    }

    func finish() { jobFeed.finish() }
}

/// Where a device stands: its document, or what must be resolved first.
public enum Standing: Sendable {
    case document(Document)
    case unresolved(ClassVersion)
}
