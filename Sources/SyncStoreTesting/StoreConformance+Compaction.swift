import SyncCore
import SyncStore

/// What must hold of a log whose beginning was forgotten.
extension StoreConformance {
    var compactionChecks: [Check] {
        [
            ("what comes after the floor can be read, and nothing before", edges),
            ("a floor ends a transaction above the last floor", badFloors),
            ("intents are forgotten up to the floor", forgottenIntents),
            ("leaf hashes are kept for ever", keptLeaves),
            ("the state is what was last given", states),
            ("a time below the floor has no position", forgottenTimes),
            ("a wrong clock throws nothing younger away", prefixes),
            ("a compaction of a log that begins elsewhere does nothing", lateCompaction),
            ("a long beginning is forgotten like a short one", longBeginning),
        ]
    }

    /// Five transactions of three entries, received at 1,000 to 5,000, and one without entries before the third.
    private func fill(_ store: any Store) async throws -> [Transaction] {
        let written = (0..<5).map { index in
            Samples.transaction(firstSeq: Seq(index * 3 + 1), entries: 3, received: Int64(index + 1) * 1_000)
        }
        let nothing = Samples.transaction(firstSeq: 7, entries: 0, intent: "nothing", received: 2_500)
        try await store.append(written.flatMap { $0.firstSeq == 7 ? [nothing, $0] : [$0] })
        return written
    }

    private func floor(_ seq: Seq, _ state: [[UInt8]] = [[1, 2], [3]]) -> Floor {
        Floor(seq: seq, received: Int64(seq / 3) * 1_000, state: Digest(hashing: state))
    }

    private func compact(_ store: any Store, _ seq: Seq, _ state: [[UInt8]] = [[1, 2], [3]]) async throws {
        let floor = floor(seq, state)
        let before = try await store.read { try $0.floor() }
        guard try await store.compact(to: floor, replacing: before, state: state) else { throw Abandoned() }
    }

    /// Nil where the store refuses because the position lies below its floor.
    private func page(_ store: any Store, after seq: Seq, limit: Int = 10) async throws -> [Transaction]? {
        do {
            return try await store.read { try $0.transactions(after: seq, limit: limit) }
        } catch StoreError.compacted {
            return nil
        }
    }

    private func edges(_ store: any Store) async throws -> [String] {
        let written = try await fill(store)
        var problems: [String] = []
        for last in [2, 4, 5] {
            let seq = Seq(last * 3)
            try await compact(store, seq)
            let kept = Array(written[last...])
            for (after, expected) in [(0, nil), (seq - 1, nil), (seq, kept), (seq + 1, kept), (seq + 2, kept)] {
                let found = try await page(store, after: after)
                if found != expected { problems.append("floor \(seq), after \(after): \(found?.count ?? -1)") }
            }
            if try await page(store, after: seq, limit: 1) != Array(kept.prefix(1)) {
                problems.append("floor \(seq): a page of one")
            }
            let (head, floor) = try await store.read { (try $0.head(), try $0.floor()) }
            if head.seq != 15 || floor != self.floor(seq) { problems.append("floor \(seq): \(head), \(floor as Any)") }
            let history = try await store.read { try $0.history(of: Samples.subject(of: 1), limit: 10) }
            if history.map(\.firstSeq) != kept.map(\.firstSeq) { problems.append("floor \(seq): history") }
        }
        try await store.append([Samples.transaction(firstSeq: 16, entries: 1)])
        let next = try await page(store, after: 15)
        return problems + (next?.map(\.firstSeq) == [16] ? [] : ["what came after a floor at the head"])
    }

    /// More than a store takes out in one step, ended in the middle of a step by a transaction of its own.
    private func longBeginning(_ store: any Store) async throws -> [String] {
        try await store.append([
            Samples.transaction(firstSeq: 1, entries: 5_000), Samples.transaction(firstSeq: 5_001, entries: 10),
            Samples.transaction(firstSeq: 5_011, entries: 3),
        ])
        try await compact(store, 5_010)
        let page = try await page(store, after: 5_010)
        let (history, leaves) = try await store.read {
            (try $0.history(of: Samples.subject(of: 1), limit: 10), try $0.leaves(after: 0, limit: .max))
        }
        var problems = page?.map(\.firstSeq) == [5_011] ? [] : ["after the floor: \(page?.count ?? -1)"]
        if history.map(\.firstSeq) != [5_011] { problems.append("history: \(history.count)") }
        let expected = (1...5_013).map { Digest(hashing: Array("leaf \($0)".utf8)) }
        if leaves != expected { problems.append("\(leaves.count) leaves") }
        // Their intents are free again.
        try await store.append([Samples.transaction(firstSeq: 5_014, entries: 1, intent: "intent-1")])
        return problems
    }

    private func badFloors(_ store: any Store) async throws -> [String] {
        _ = try await fill(store)
        try await compact(store, 6)
        var problems: [String] = []
        for wrong in [Seq(0), 3, 6, 7, 8, 18] {
            do {
                try await compact(store, wrong)
                problems.append("took \(wrong)")
            } catch StoreError.outOfOrder {}
        }
        return problems
    }

    private func forgottenIntents(_ store: any Store) async throws -> [String] {
        let written = try await fill(store)
        func found(_ intent: String) async throws -> Transaction? {
            try await store.read { try $0.transaction(author: "author", intent: intent) }
        }
        // The one without entries came before the transaction that begins at 7, and after the one that ends at 6.
        try await compact(store, 6)
        var problems = try await found("nothing") == nil ? ["6: one without entries above the floor is forgotten"] : []
        try await compact(store, 9)
        if try await found("nothing") != nil { problems.append("9: one without entries is remembered") }
        for transaction in written {
            let expected = transaction.firstSeq <= 9 ? nil : transaction
            if try await found(transaction.header.intent) != expected {
                problems.append("9: \(transaction.header.intent)")
            }
        }
        try await store.append([
            Samples.transaction(firstSeq: 16, entries: 1, intent: "intent-1"),
            Samples.transaction(firstSeq: 17, entries: 1, intent: "nothing"),
        ])
        do {
            try await store.append([Samples.transaction(firstSeq: 18, entries: 1, intent: "intent-10")])
            problems.append("took an intent above the floor twice")
        } catch StoreError.duplicateIntent {}
        return problems
    }

    private func keptLeaves(_ store: any Store) async throws -> [String] {
        let all = try await fill(store).flatMap { $0.entries.map(\.leaf) }
        for seq in [Seq(3), 9, 15] {
            try await compact(store, seq)
            let found = try await store.read { reader in
                [try reader.leaves(after: 0, limit: 100), try reader.leaves(after: 7, limit: 4)]
            }
            guard found == [all, Array(all[7..<11])] else { return ["floor \(seq): \(found.map(\.count))"] }
        }
        return []
    }

    private func states(_ store: any Store) async throws -> [String] {
        _ = try await fill(store)
        let large = (0..<100).map { [UInt8](repeating: UInt8($0), count: 1_000) }
        var problems: [String] = []
        for (seq, state) in [(Seq(3), large), (6, [[9]]), (9, large)] {
            try await compact(store, seq, state)
            let found = try await store.read { reader in
                [
                    try reader.state(from: 0, limit: .max), try reader.state(from: 10, limit: 5),
                    try reader.state(from: 100, limit: 5),
                ]
            }
            let expected = [state, Array(state.dropFirst(10).prefix(5)), []]
            if found != expected { problems.append("floor \(seq): \(found.map(\.count))") }
        }
        return problems
    }

    private func forgottenTimes(_ store: any Store) async throws -> [String] {
        _ = try await fill(store)
        try await compact(store, 9)
        var problems: [String] = []
        for (time, expected) in [(Int64(0), nil), (2_999, nil), (3_000, 9), (3_999, 9), (4_000, 12), (9_000, 15)]
            as [(Int64, Seq?)]
        {
            var found: Seq?
            do {
                found = try await store.read { try $0.position(at: time) }
            } catch StoreError.compacted(floor: 9) {}
            if found != expected { problems.append("at \(time): \(found as Any)") }
        }
        return problems
    }

    private func prefixes(_ store: any Store) async throws -> [String] {
        // The third was written by a clock that ran ahead, the fourth by one that had been set back.
        let times: [Int64] = [1_000, 2_000, 9_000, 500, 3_000]
        let empty = try await store.read { try $0.prefix(receivedBy: 5_000) }
        let written = times.enumerated().map { index, time in
            Samples.transaction(firstSeq: Seq(index * 2 + 1), entries: 2, received: time)
        }
        try await store.append(
            written + [Samples.transaction(firstSeq: 11, entries: 0, intent: "nothing", received: 10_000)])
        let asked: [Int64] = [0, 999, 1_000, 2_000, 8_999, 9_000, 20_000]
        let before = try await store.read { reader in try asked.map { try reader.prefix(receivedBy: $0) } }
        _ = try await store.compact(
            to: Floor(seq: 4, received: 2_000, state: Digest(hashing: [])), replacing: nil, state: [])
        let after = try await store.read { reader in try asked.map { try reader.prefix(receivedBy: $0) } }
        return [
            empty == 0 ? nil : "of an empty log: \(empty)",
            before == [0, 0, 2, 4, 4, 10, 10] ? nil : "before: \(before)",
            after == [4, 4, 4, 4, 4, 10, 10] ? nil : "after: \(after)",
        ].compactMap { $0 }
    }

    private func lateCompaction(_ store: any Store) async throws -> [String] {
        let written = try await fill(store)
        try await compact(store, 3, [[7]])
        let kept = try await store.read { try $0.floor() }
        var problems: [String] = []
        for other in [nil, floor(6)] where try await store.compact(to: floor(9), replacing: other, state: [[8]]) {
            problems.append("replaced a floor that is not there")
        }
        let (found, state, leaves) = try await store.read { reader in
            (try reader.floor(), try reader.state(from: 0, limit: 9), try reader.leaves(after: 0, limit: 99))
        }
        let log = try await page(store, after: 3)
        return problems
            + [
                found == kept ? nil : "the floor is \(found as Any)", state == [[7]] ? nil : "the state is another",
                leaves.count == 15 ? nil : "\(leaves.count) leaves",
                log == Array(written[1...]) ? nil : "entries are gone",
            ].compactMap { $0 }
    }
}
