import SyncStore
import SyncCore

/// The contract of a store as a list of checks, run alike on every implementation.
///
/// It knows no test framework: `run` gives back what did not hold, so that a test, a tool or a bench may use it.
public struct StoreConformance: Sendable {
    /// One thing the store did that the contract forbids.
    public struct Breach: Hashable, Sendable, CustomStringConvertible {
        public let check: String
        public let problem: String

        public var description: String { "\(check): \(problem)" }
    }

    typealias Check = (name: String, @Sendable (any Store) async throws -> [String])

    private let makeStore: @Sendable () async throws -> any Store

    /// - Parameter makeStore: makes an empty store; called once a check.
    public init(_ makeStore: @escaping @Sendable () async throws -> any Store) { self.makeStore = makeStore }

    public func run() async throws -> [Breach] {
        let checks: [Check] =
            [
                ("an empty log has a head of 0", emptyHead),
                ("what was appended is read back whole", readBack),
                ("pages are the log", pages),
                ("positions are gapless", gapless),
                ("an intent is accepted once", intents),
                ("a change without entries is remembered", emptyTransaction),
                ("a commit that is refused leaves nothing", refusedCommits),
                ("a long transaction is there whole or not at all", longTransactions),
                ("history is by subject, in order", history),
                ("a time has a position", positions),
                ("the newest report counts", newestReport),
                ("reports are sorted unseen", sortedReports),
                ("when a device was last heard of is kept", seen),
                ("a user document is kept whole", userDocuments),
                ("concurrent writes are ordered", concurrency),
                ("an image is what was kept last", images),
            ] + compactionChecks
        var breaches: [Breach] = []
        for (name, check) in checks {
            let problems: [String]
            do {
                problems = try await check(try await makeStore())
            } catch {
                problems = ["threw \(error)"]
            }
            breaches += problems.map { Breach(check: name, problem: $0) }
        }
        return breaches
    }

    private func emptyHead(_ store: any Store) async throws -> [String] {
        let head = try await store.read { try $0.head() }
        return head.seq == 0 && head.epoch > 0 ? [] : ["head is \(head)"]
    }

    private func positions(_ store: any Store) async throws -> [String] {
        // The third one was written by a clock that had been set back.
        let times: [Int64] = [1_000, 3_000, 2_000, 4_000]
        let written = times.enumerated().map { index, time in
            Samples.transaction(firstSeq: Seq(index * 2 + 1), entries: 2, received: time)
        }
        try await store.append(written + [Samples.transaction(firstSeq: 9, entries: 0, received: 9_000)])
        let asked: [Int64] = [0, 999, 1_000, 1_500, 2_000, 3_500, 10_000]
        let found = try await store.read { reader in try asked.map { try reader.position(at: $0) } }
        return found == [0, 0, 2, 2, 6, 6, 8] ? [] : ["at \(asked) found \(found)"]
    }

    private func readBack(_ store: any Store) async throws -> [String] {
        let written = (1...5).map { Samples.transaction(firstSeq: Seq($0 * 3 - 2), entries: 3) }
        try await store.append(written)
        let all = try await store.read { try $0.transactions(after: 0, limit: 10) }
        let some = try await store.read { try $0.transactions(after: 4, limit: 2) }
        let last = try await store.read { try $0.transactions(after: 15, limit: 2) }
        return [
            all == written ? nil : "differs from what was written",
            some == Array(written[1...2]) ? nil : "after 4, two: \(some.map(\.firstSeq))",
            last.isEmpty ? nil : "after the head: \(last.map(\.firstSeq))",
        ].compactMap { $0 }
    }

    private func gapless(_ store: any Store) async throws -> [String] {
        try await store.append([Samples.transaction(firstSeq: 1, entries: 2)])
        for wrong in [Seq(1), 2, 4] {
            do {
                try await store.append([Samples.transaction(firstSeq: wrong, entries: 1)])
                return ["took position \(wrong) where 3 was next"]
            } catch StoreError.outOfOrder(expected: 3, found: wrong) {
                continue
            }
        }
        return []
    }

    private func intents(_ store: any Store) async throws -> [String] {
        let first = Samples.transaction(firstSeq: 1, entries: 1, intent: "same")
        try await store.append([first])
        let found = try await store.read { try $0.transaction(author: first.header.author, intent: "same") }
        let foreign = try await store.read { try $0.transaction(author: "somebody-else", intent: "same") }
        do {
            try await store.append([Samples.transaction(firstSeq: 2, entries: 1, intent: "same")])
            return ["took an intent twice"]
        } catch StoreError.duplicateIntent {
            return [
                found == first ? nil : "found \(String(describing: found))",
                foreign == nil ? nil : "found another author's intent",
            ].compactMap { $0 }
        }
    }

    private func emptyTransaction(_ store: any Store) async throws -> [String] {
        let nothing = Samples.transaction(firstSeq: 1, entries: 0, intent: "nothing")
        let something = Samples.transaction(firstSeq: 1, entries: 1, intent: "something")
        try await store.append([nothing, something])
        let found = try await store.read { try $0.transaction(author: nothing.header.author, intent: "nothing") }
        let listed = try await store.read { try $0.transactions(after: 0, limit: 10) }
        let head = try await store.read { try $0.head() }
        return [
            found == nothing ? nil : "found \(String(describing: found))",
            listed == [something] ? nil : "listed \(listed.count)",
            head.seq == 1 ? nil : "head is \(head.seq)",
        ].compactMap { $0 }
    }

    struct Abandoned: Error {}

    private func history(_ store: any Store) async throws -> [String] {
        try await store.append((0..<4).map { Samples.transaction(firstSeq: Seq($0 * 2 + 1), entries: 2) })
        let subject = Samples.subject(of: 1)
        var problems: [String] = []
        let history = try await store.read { try $0.history(of: subject, limit: 3) }
        let entries = history.flatMap(\.entries)
        let size = 28
        for (bytes, expected) in [(0, 1), (size - 1, 1), (size, 1), (2 * size - 1, 1), (2 * size, 2), (4 * size, 3)] {
            let (found, isCut) = try await store.read { try $0.history(of: subject, limit: 3, bytes: bytes) }
            if found != Array(history.suffix(expected)) || isCut != (expected < 3) {
                problems.append("\(bytes) bytes: \(found.map(\.firstSeq)), \(isCut)")
            }
        }
        // Some touch it more than once, some not at all.
        try await store.append([
            Samples.transaction(firstSeq: 9, entries: 3),
            Samples.transaction(firstSeq: 12, entries: 0, intent: "nothing"),
            Samples.transaction(firstSeq: 12, entries: 5),
        ])
        let third = Samples.subject(of: 3)
        for (limit, expected) in [(0, []), (1, [12]), (2, [9, 12]), (3, [9, 12]), (Int.max, [9, 12])] as [(Int, [Seq])]
        {
            let found = try await store.read { try $0.history(of: third, limit: limit) }
            if found.map(\.firstSeq) != expected || !found.flatMap(\.entries).allSatisfy({ $0.subject == third }) {
                return ["limit \(limit): \(found.map(\.firstSeq))"]
            }
        }
        return problems
            + [
                history.count == 3 ? nil : "\(history.count) transactions",
                entries.allSatisfy { $0.subject == subject } ? nil : "foreign entries",
                entries.map(\.seq) == entries.map(\.seq).sorted() && entries.last?.seq == 7
                    ? nil : "\(entries.map(\.seq))",
            ].compactMap { $0 }
    }

    private func images(_ store: any Store) async throws -> [String] {
        let before = try await store.image()
        var problems = before == nil ? [] : ["an empty store has one"]
        let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
        for bytes in [large, [1, 2, 3], [], large] {
            try await store.keep(image: bytes)
            if try await store.image() != bytes { problems.append("differs from the \(bytes.count) bytes kept") }
        }
        let head = try await store.read { try $0.head() }
        return problems + (head.seq == 0 ? [] : ["the head is \(head)"])
    }

    private func concurrency(_ store: any Store) async throws -> [String] {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<40 {
                group.addTask {
                    var outcome = Commit.Outcome.moved(head: try await store.read { try $0.head() }, userDocuments: [])
                    while case .moved(let head, _) = outcome {
                        var commit = Commit(after: head)
                        commit.transactions = [
                            Samples.transaction(firstSeq: head.seq + 1, entries: 2, intent: "c\(index)")
                        ]
                        outcome = try await store.commit(commit)
                    }
                }
            }
            try await group.waitForAll()
        }
        let log = try await store.read { try $0.transactions(after: 0, limit: 100) }
        let positions = log.flatMap { $0.entries.map(\.seq) }
        return positions == Array(1...80) ? [] : ["positions \(positions)"]
    }
}
