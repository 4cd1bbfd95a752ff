import SyncCore
import SyncStore

/// A commit is compared with what is there, and taken whole or not at all.
extension StoreConformance {
    /// Commits of which one part may not be written: nothing of the others is.
    func refusedCommits(_ store: any Store) async throws -> [String] {
        try await store.append([Samples.transaction(firstSeq: 1, entries: 2, intent: "first")])
        let head = try await store.read { try $0.head() }
        let device = DeviceID(seq: 1)
        let document = UserDocument(enrolment: 1, epoch: 1)
        try await store.keep { $0.userDocuments = [UserDocumentWrite(document, of: device, replacing: 0)] }
        func whole(after seq: Seq, _ intent: String, replacing version: UInt64) -> Commit {
            var commit = Commit(after: Head(epoch: head.epoch, seq: seq))
            commit.transactions = [Samples.transaction(firstSeq: seq + 1, entries: 2, intent: intent)]
            commit.reports = [Samples.report(device: 1, number: 1)]
            commit.seen = [Seen(device, enrolment: 1, at: 9)]
            commit.userDocuments = [UserDocumentWrite(document, of: device, replacing: version)]
            return commit
        }
        var problems: [String] = []
        let others: Set = [device]
        let refused: [(Commit, Set<DeviceID>)] = [
            (whole(after: 0, "late", replacing: 1), []), (whole(after: 5, "early", replacing: 1), []),
            (whole(after: 2, "row", replacing: 0), others), (whole(after: 2, "row", replacing: 2), others),
        ]
        for (commit, moved) in refused {
            let outcome = try await store.commit(commit)
            if outcome != .moved(head: head, userDocuments: moved) { problems.append("\(commit.head): \(outcome)") }
        }
        do {
            problems.append("took an intent twice: \(try await store.commit(whole(after: 2, "first", replacing: 1)))")
        } catch StoreError.duplicateIntent {}
        let (now, report, row, seen) = try await store.read { reader in
            (
                try reader.head(), try reader.report(of: device), try reader.userDocument(of: device),
                try reader.seen(after: nil, limit: 9)
            )
        }
        if now != head || report != nil || row?.version != 1 || !seen.isEmpty {
            problems.append("something was written: \(now), \(report as Any), \(row as Any), \(seen)")
        }
        let outcome = try await store.commit(whole(after: 2, "right", replacing: 1))
        let version = try await store.read { try $0.userDocument(of: device)?.version }
        return problems + (outcome == .written && version == 2 ? [] : ["the right one: \(outcome), \(version as Any)"])
    }

    /// A store may write a long transaction in steps; whoever reads meanwhile sees nothing of it, and others may write.
    func longTransactions(_ store: any Store) async throws -> [String] {
        try await store.append([Samples.transaction(firstSeq: 1, entries: 3)])
        let long = Samples.transaction(firstSeq: 4, entries: 9_000, intent: "long")
        async let written: Void = store.append([long])
        var problems: [String] = []
        for number in 1...40 as ClosedRange<UInt64> {
            try await store.keep { $0.reports = [Samples.report(device: number, number: 1)] }
            let (head, count, leaves, history) = try await store.read { reader in
                (
                    try reader.head().seq, try reader.transactions(after: 0, limit: 9).flatMap(\.entries).count,
                    try reader.leaves(after: 0, limit: .max).count,
                    try reader.history(of: Samples.subject(of: 4), limit: 9).count
                )
            }
            let seen = [Int(head), count, leaves, history * 9_003]
            if seen != [3, 3, 3, 0], seen != [9_003, 9_003, 9_003, 9_003] { problems.append("a reader saw \(seen)") }
        }
        try await written
        // One that is too late leaves nothing that the next one would stumble on.
        var late = Commit(after: Head(epoch: try await store.read { try $0.head().epoch }, seq: 3))
        late.transactions = [Samples.transaction(firstSeq: 4, entries: 9_000, intent: "late")]
        let outcome = try await store.commit(late)
        try await store.append([Samples.transaction(firstSeq: 9_004, entries: 2)])
        let last = try await store.read { try $0.transactions(after: 3, limit: 9) }
        if outcome == .written || last.map(\.entries.count) != [9_000, 2] || last.first != long {
            problems.append("after it: \(outcome), \(last.map(\.entries.count))")
        }
        return problems
    }

    func seen(_ store: any Store) async throws -> [String] {
        @Sendable func device(_ seq: Seq) -> DeviceID { DeviceID(seq: seq) }
        let held = Digest(hashing: [3])
        let first = [
            Seen(device(9), enrolment: 4, at: 50), Seen(device(2), enrolment: 1, at: 70, held: held),
            Seen(device(5), enrolment: 1, at: 60),
        ]
        try await store.keep { $0.seen = first }
        // A clock that was set back says what is so; an earlier enrolment says nothing.
        let later = [Seen(device(2), enrolment: 1, at: 40), Seen(device(9), enrolment: 3, at: 90)]
        try await store.keep { $0.seen = later }
        let (all, page) = try await store.read { reader in
            (try reader.seen(after: nil, limit: 9), try reader.seen(after: device(2), limit: 1))
        }
        return [
            all == [later[0], first[2], first[0]] ? nil : "found \(all)",
            page == [first[2]] ? nil : "a page is \(page)",
        ].compactMap { $0 }
    }

    func userDocuments(_ store: any Store) async throws -> [String] {
        let (first, second) = (UserDocument(enrolment: 4, epoch: 7), UserDocument(enrolment: 9, epoch: 7))
        let device = DeviceID(seq: 3)
        let before = try await store.read { try $0.userDocument(of: device) }
        try await store.keep { $0.userDocuments = [UserDocumentWrite(first, of: device, replacing: 0)] }
        try await store.keep { $0.userDocuments = [UserDocumentWrite(second, of: device, replacing: 1)] }
        let (kept, other) = try await store.read { reader in
            (try reader.userDocument(of: device), try reader.userDocument(of: DeviceID(seq: 4)))
        }
        return [
            before == nil && other == nil ? nil : "a device has one that nobody wrote",
            kept == UserDocumentRow(version: 2, document: second) ? nil : "found \(String(describing: kept))",
        ].compactMap { $0 }
    }
}
