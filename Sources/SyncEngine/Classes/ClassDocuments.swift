import SyncCore
import Synchronization

/// The documents of the classes that somebody asked for: each resolved once, off the event loops.
final class ClassDocuments: Sendable {
    typealias Waiter = @Sendable (Document) -> Void

    typealias DeltaWaiter = @Sendable (DeltaDocument?) -> Void

    private struct State {
        var cache = DocumentCache()
        /// Whether classes that are gone are being looked for.
        var isEvicting = false
        var waiters: [ClassVersion: [Waiter]] = [:]
        var shelf = DocumentShelf()
        var deltaWaiters: [DocumentShelf.Pair: [DeltaWaiter]] = [:]
    }

    private let state = Mutex(State())
    private let pack: PackedBytes.Packer
    private let workers: Workers

    init(on workers: Workers, pack: @escaping PackedBytes.Packer) {
        self.workers = workers
        self.pack = pack
    }

    /// The document of a device, if it is resolved; the version to wait for, if it is not.
    func find(_ device: Device, in snapshot: Snapshot) -> Standing {
        let world = snapshot.world
        let isAlone = world.deviceAssignments[device.id]?.isEmpty == false
        if !isAlone, let known = state.withLock({ $0.cache.document(of: device.cohort, at: world.policySeq) }) {
            return .document(known)
        }
        let version = world.version(of: world.policyClass(of: device))
        return state.withLock { state in
            guard let document = state.cache.document(of: version) else { return .unresolved(version) }
            if !isAlone { state.cache.keep(document, of: device.cohort, at: world.policySeq) }
            return .document(document)
        }
    }

    /// Calls back with the document of a version: at once if it is resolved, else when it is.
    func whenResolved(_ version: ClassVersion, in snapshot: Snapshot, _ waiter: @escaping Waiter) {
        let ready = state.withLock { state -> Document? in
            if let document = state.cache.document(of: version) { return document }
            state.waiters[version, default: []].append(waiter)
            if state.waiters[version]?.count == 1 { work { $0.resolve(version, in: snapshot.world) } }
            return nil
        }
        if let ready { waiter(ready) }
    }

    /// Does something on a resolver thread; there is no bound to what waits there, so it is always taken.
    private func work(_ body: @escaping @Sendable (ClassDocuments) -> Void) {
        _ = workers.submit { body(self) }
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
            if state.deltaWaiters[pair]?.count == 1 { work { $0.makeDelta(from: old, to: document, catalog) } }
            return nil
        }
        switch ready {
        case .made(let delta)?: waiter(delta)
        case .notWorthIt?: waiter(nil)
        case nil: break
        }
    }

    /// The document of a class, resolved here and now if nobody asked for it yet: for who looks at the whole fleet,
    /// never on an event loop.
    func document(of policyClass: PolicyClass, in world: World) -> Document {
        let version = world.version(of: policyClass)
        return state.withLock { $0.cache.document(of: version) } ?? resolve(version, in: world)
    }

    @discardableResult private func resolve(_ version: ClassVersion, in world: World) -> Document {
        let document = Document(world.resolve(version.policyClass), world.catalog, pack: pack)
        let waiters = state.withLock { state in
            state.cache.keep(document, of: version)
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

    /// How many documents of classes are kept, and for how many cohorts one is known.
    var sizes: (documents: Int, cohorts: Int) {
        state.withLock { ($0.cache.documentCount, $0.cache.cohortCount) }
    }

    /// A new World is published: documents of classes that it has no device of are let go, once there may be enough of
    /// them. Who waits for one that is gone is still told it.
    ///
    /// Costs the publisher two comparisons; which classes there are is found on a resolver thread.
    func published(_ snapshot: Snapshot) {
        let isDue = state.withLock { state in
            guard !state.isEvicting, state.cache.mayHoldGarbage(in: snapshot.world) else { return false }
            state.isEvicting = true
            return true
        }
        if isDue { work { $0.evict(allBut: snapshot.world) } }
    }

    /// Lets go what no device of a World needs.
    func evict(allBut world: World) {
        let begun = state.withLock { $0.cache.clock }
        let classes = world.populatedClasses
        state.withLock { state in
            state.cache.evict(allBut: classes, of: world, madeBefore: begun)
            state.isEvicting = false
        }
    }
}

extension World {
    /// The classes that some enrolled device is of.
    fileprivate var populatedClasses: Set<PolicyClass> {
        var classes = Set(cohorts.entries.values.map { policyClass(of: $0.cohort) })
        for id in deviceAssignments.keys {
            if let device = devices[id], device.state == .enrolled { classes.insert(policyClass(of: device)) }
        }
        return classes
    }
}

/// Where a device stands: its document, or what must be resolved first.
public enum Standing: Sendable {
    case document(Document)
    case unresolved(ClassVersion)
}
