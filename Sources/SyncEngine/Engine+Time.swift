import SyncCore

/// What time does: only by entries of the log, in the name of `system`. Until the entry exists the old state holds.
extension Engine {
    /// Ends the incidents whose time is over.
    public func expireIncidents() {
        let now = now()
        let world = snapshot.world
        for id in world.incidents {
            guard let end = world.assignments[id]?.incidentUntil, end <= now else { continue }
            let intent = "expire/\(id)"
            let proposal = Proposal(
                author: Author.system, intent: intent, reason: nil, request: Digest(hashing: Array(intent.utf8))
            ) { draft throws(Refusal) in
                if draft.world.assignments[id] != nil { draft.add(.unbound(id)) }
            }
            queue.submit(proposal) { _ in }
        }
    }
}
