import SyncCore

/// Whether a log tells what its operators saw, and lost nothing of it.
///
/// Every acknowledged write names its position, so no search for an order is needed: the log is the order, and each rule
/// is one walk over it. Rules: what was acknowledged is there, what was refused is not; a later write has a later
/// position; a write counts unmerged only where its author had seen every write before it; and every accepted write
/// stands, or was overridden by somebody who had seen it, or is a visible sibling.
struct HistoryChecker {
    private let history: History
    /// Positions that the server shows as siblings at the end.
    private let siblings: Set<Seq>
    private let byIntent: [String: [History.Write]]
    private let byKey: [String: [History.Write]]

    init(_ history: History, siblings: Set<Seq>) {
        self.history = history
        self.siblings = siblings
        byIntent = Dictionary(grouping: history.writes) { "\($0.author) \($0.intent)" }
        byKey = Dictionary(grouping: history.writes) { "\($0.policy) \($0.key)" }
    }

    /// What breaks a rule, in words; empty when nothing does.
    func findings() -> [String] {
        history.operations.flatMap(check) + checkOrder() + byKey.values.flatMap(checkBases)
            + byKey.values.flatMap(checkNothingLost)
    }

    /// What its author was told is what the log has.
    private func check(_ operation: History.Operation) -> [String] {
        let name = "\(operation.author) \(operation.intent)"
        let writes = byIntent[name] ?? []
        switch operation.outcome {
        case .accepted(let last):
            return writes.map(\.seq).max() == last
                ? [] : ["\(name): acknowledged at \(last ?? 0), the log has \(writes.map(\.seq))"]
        case .refused(let clashes):
            guard writes.isEmpty else { return ["\(name): refused, and the log has it at \(writes.map(\.seq))"] }
            let unfounded = clashes.filter { clash in
                clash.seq <= operation.base || !history.writes.contains { $0.seq == clash.seq && $0.key == clash.key }
            }
            return unfounded.map {
                "\(name): refused for \($0.key) at \($0.seq), which is no write after \(operation.base)"
            }
        case .unknown: return []
        }
    }

    /// What began after another was acknowledged stands behind it.
    private func checkOrder() -> [String] {
        let accepted = history.operations.compactMap { operation -> (operation: History.Operation, last: Seq)? in
            guard case .accepted(let last?) = operation.outcome else { return nil }
            return (operation, last)
        }
        var completed = accepted.sorted { $0.operation.completed < $1.operation.completed }[...]
        var highest: Seq = 0
        var findings: [String] = []
        for (operation, last) in accepted.sorted(by: { $0.operation.invoked < $1.operation.invoked }) {
            while let next = completed.first, next.operation.completed < operation.invoked {
                highest = max(highest, next.last)
                completed.removeFirst()
            }
            if last <= highest {
                findings.append("\(operation.intent): at \(last), though \(highest) was acknowledged before it began")
            }
        }
        return findings
    }

    /// Of several with one base one gets through; the others are merged, forced, kept aside, or refused.
    private func checkBases(_ writes: [History.Write]) -> [String] {
        writes.compactMap { write in
            let unseen = writes.first { $0.seq > write.base && $0.seq < write.first }
            switch (write.outcome, unseen) {
            case ("applied", let other?):
                return "\(write.key) at \(write.seq) was applied over \(other.seq), which its author had not seen"
            case ("merged", nil), ("forced", nil), ("sibling", nil):
                return "\(write.key) at \(write.seq) is \(write.outcome), and nothing came between"
            default: return nil
            }
        }
    }

    private func checkNothingLost(_ writes: [History.Write]) -> [String] {
        writes.compactMap { write in
            let later = writes.filter { $0.seq > write.seq }
            let stands = write.counts && !later.contains(where: \.counts)
            let wasSeen = later.contains { $0.counts && $0.base >= write.seq }
            let wentInto = write.counts && later.contains { $0.outcome == "merged" }
            let isFolded = later.count { !$0.counts || $0.outcome == "forced" } >= Limits.siblings
            guard !stands, !wasSeen, !wentInto, !isFolded, !siblings.contains(write.seq) else { return nil }
            return "\(write.key) at \(write.seq) by \(write.author) is lost: nobody who saw it overrode it"
        }
    }
}
