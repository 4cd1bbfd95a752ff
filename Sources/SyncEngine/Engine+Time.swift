import SyncCore

/// What time does: only by entries of the log, in the name of `system`. Until the entry exists the old state holds.
extension Engine {
    /// Ends the incidents whose time is over.
    public func expireIncidents() {
        let now = now()
        // An end cannot be taken back.
        guard believesClock(now) else { return }
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

    private func believesClock(_ now: Int64) -> Bool {
        let (known, doubted) = clockWatch.withLock { watch in
            let known = watch.isDoubting
            return (known, !watch.look(wall: now, running: running()))
        }
        if doubted, !known {
            logger.warning("the clock jumped: no incident ends until it has kept pace for an hour")
        }
        return !doubted
    }

    /// Whether the clock is so far ahead of the newest entry that nothing may be forgotten by it.
    public func isClockAhead() async throws -> Bool {
        ClockWatch.isFar(now(), from: try await store.read { try $0.lastReceived() })
    }
}
