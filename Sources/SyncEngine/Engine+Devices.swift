import SyncCore
import SyncStore

/// What devices ask of the engine.
extension Engine {
    /// Exchanges an enrolment token for an identity; the same credential gets the same one again.
    public func enrol(
        tokenHash: Digest, credentialHash: Digest, serial: String?, facts: Facts,
        _ done: @escaping @Sendable (Result<Device, Refusal>) -> Void
    ) {
        // A token nobody issued costs a look-up, not a place in the writer's queue.
        guard snapshot.world.token(hash: tokenHash) != nil else {
            return done(.failure(.unknownToken("of this request")))
        }
        let intent = "enrol/\(tokenHash.short)/\(credentialHash)"
        let proposal = Proposal(
            author: Author.device, intent: intent, reason: nil, request: Digest(hashing: Array(intent.utf8))
        ) { draft throws(Refusal) in
            _ = try draft.redeem(token: tokenHash, credentialHash: credentialHash, serial: serial, facts: facts)
        }
        queue.submit(proposal) { [self] outcome in
            let outcome = outcome.flatMap { _ -> Result<Device, Refusal> in
                // A replay finds the device as it is now, which may no longer be enrolled.
                guard let device = snapshot.world.device(credentialHash: credentialHash) else {
                    return .failure(.tokenRevoked)
                }
                return .success(device)
            }
            switch outcome {
            case .success(let device): refusals.forget(device.id)
            case .failure(let refusal): note(refusal, tokenHash, serial)
            }
            done(outcome)
        }
    }

    /// Notes it with the terminal that the token was made for, or whose serial number was named.
    private func note(_ refusal: Refusal, _ tokenHash: Digest, _ serial: String?) {
        let world = snapshot.world
        guard let token = world.token(hash: tokenHash) else { return }
        let named = serial.flatMap { world.device(serial: $0, in: token.grant.unit)?.id }
        if let device = token.device ?? named { refusals.note(refusal, of: device, at: now()) }
    }

    /// The device's document, or what must be resolved first.
    public func standing(of device: Device, in snapshot: Snapshot) -> Standing { documents.find(device, in: snapshot) }

    /// Calls back with a version's document when it is resolved, on the thread that resolved it.
    public func whenResolved(
        _ version: ClassVersion, in snapshot: Snapshot, _ body: @escaping @Sendable (Document) -> Void
    ) {
        documents.whenResolved(version, in: snapshot, body)
    }

    /// What turns the document that a device holds into the one it must hold.
    public enum DeltaStanding: Sendable {
        case made(DeltaDocument)
        /// What it holds is not known any more, or the whole document is hardly more.
        case none
        case unmade
    }

    public func delta(from held: Digest, to document: Document) -> DeltaStanding {
        switch documents.delta(from: held, to: document) {
        case .made(let delta)?: .made(delta)
        case .notWorthIt?: .none
        case nil: .unmade
        }
    }

    /// Calls back when the delta is made, on the thread that made it.
    public func whenMade(
        from held: Digest, to document: Document, in snapshot: Snapshot, _ body: @escaping @Sendable () -> Void
    ) {
        documents.whenMade(from: held, to: document, snapshot.world.catalog) { _ in body() }
    }

    /// Keeps what a device says, its report and its user's edits, in one transaction; calls back after the commit.
    ///
    /// - Parameter facts: what the report says of the device itself; in the World that is published before the call back.
    public func take(
        _ report: StoredReport?, facts: Facts? = nil, _ user: UserExchange?, of device: Device,
        _ done: @escaping @Sendable (Result<DeviceReceipt, Refusal>) -> Void
    ) {
        let work = DeviceWork(
            device: device.id, enrolment: device.enrolment, report: report, facts: facts, user: user
        ) { [devices] outcome in
            if case .success = outcome, let report { devices.take(report) }
            done(outcome)
        }
        queue.submit(work, changesFacts: facts.map { $0 != device.facts } ?? false)
    }

    /// What a device's user has set, with what it is in force of it.
    public func userDocument(of id: DeviceID) async throws -> UserDocument? {
        try await store.read { reader in
            guard let row = try reader.userDocument(of: id) else { return nil }
            guard let document = row.document else { throw Refusal.unreadable("the user document of \(id)") }
            return document
        }
    }
}
